/* The two makers' cards whose layout is nobody's business: 48 bytes at 0x20 under a keystream, see vendor/cards.py. */
#ifndef MAKER_H
#define MAKER_H
#include <stdint.h>
#include <stdlib.h>

#include "chip.h"
#include "tricks.h"

#define RECORD 0x20
#define RECORD_SIZE 48

/* Plain record: version 1, kind 1, serial 6, customer 6, meter 6, count 4, quantity 4, total 4, back 1, meter count 4,
 * remaining 4, sequence 4, zero 1, CRC-16. */
enum { AT_KIND = 1, AT_SERIAL = 2, AT_CUSTOMER = 8, AT_METER = 14, AT_COUNT = 20, AT_QUANTITY = 24, AT_TOTAL = 28,
       AT_BACK = 32, AT_METER_COUNT = 33, AT_REMAINING = 37, AT_SEQUENCE = 41, AT_CRC = 46 };

static const unsigned char maker_code[3] = {0x4D, 0x4B, 0x52};

static void maker_mask(unsigned char *data, int length, uint32_t key) {
    for (int i = 0; i < length; i++) {
        key = key * 1664525u + 1013904223u;
        data[i] ^= (unsigned char)(key >> 24);
    }
}

/* 0, -1 no card, -2 not a card of this maker, -3 damaged. */
static int maker_read(chip_t *chip, unsigned char version, uint32_t key, unsigned char *record) {
    if (chip_select(chip) != CHIP_OK || chip_read(chip, RECORD, record, RECORD_SIZE) != CHIP_OK)
        return -1;
    maker_mask(record, RECORD_SIZE, key);
    if (record[0] != version)
        return -2;
    return crc16(record, AT_CRC) == get_be(record + AT_CRC, 2) ? 0 : -3;
}

/* 0, -4 wrong code, -5 write failed. */
static int maker_write(chip_t *chip, uint32_t key, unsigned char *record) {
    put_be(record + AT_CRC, 2, crc16(record, AT_CRC));
    maker_mask(record, RECORD_SIZE, key);
    if (chip_present(chip, maker_code) != CHIP_OK)
        return -4;
    return chip_write(chip, RECORD, record, RECORD_SIZE) == CHIP_OK ? 0 : -5;
}
#endif
