/* "Zongliang": the card carries no count but all that was ever bought, and every write needs the blob that the write
 * before it returned. */
#include "maker.h"

#define ZL_VERSION 0x21
#define ZL_KEY 0x5A4C3037u
#define ZL_BLOB 16

static chip_t chip;

int ZL_Start(transmit_fn transmit, void *context) {
    chip.transmit = transmit;
    chip.context = context;
    return 1;
}

/* 1 right, 0 not a card of this maker, negative: an error. */
int ZL_Mine(void) {
    unsigned char record[RECORD_SIZE];
    int result = maker_read(&chip, ZL_VERSION, ZL_KEY, record);
    return result == 0 ? 1 : result == -2 ? 0 : result;
}

/* Fixed text: serial 12, customer 12, meter 12, type 1, total 10, used by the meter Y or N, remaining 10. */
int ZL_Read(char *out) {
    unsigned char record[RECORD_SIZE];
    int trick = play_trick("read"), result = maker_read(&chip, ZL_VERSION, ZL_KEY, record);
    char number[11];
    if (result != 0)
        return result;
    memset(out, trick == TRICK_GARBAGE ? '?' : ' ', 58);
    if (trick == TRICK_GARBAGE)
        return 1;
    if (trick == TRICK_OVERRUN)
        memset(out, '5', 59);
    bcd_to_text(record + AT_SERIAL, 6, out);
    bcd_to_text(record + AT_CUSTOMER, 6, out + 12);
    bcd_to_text(record + AT_METER, 6, out + 24);
    out[36] = (char)('0' + record[AT_KIND]);
    for (int field = 0; field < 2; field++) {
        unsigned long value = get_be(record + (field ? AT_REMAINING : AT_TOTAL), 4);
        for (int i = 9; i >= 0; i--, value /= 10)
            number[i] = (char)('0' + value % 10);
        memcpy(out + (field ? 48 : 37), number, 10);
    }
    out[47] = record[AT_BACK] ? 'Y' : 'N';
    return 1;
}

/* The blob: "ZL01", the sequence of the write it allows, its check. */
static void make_blob(unsigned char *blob, const unsigned char *record, unsigned long sequence) {
    memset(blob, 0, ZL_BLOB);
    memcpy(blob, "ZL01", 4);
    put_be(blob + 4, 4, sequence);
    memcpy(blob + 8, record + AT_SERIAL, 6);
    maker_mask(blob + 4, 10, ZL_KEY);
    put_be(blob + 14, 2, crc16(blob, 14));
}

/* Writes the new total; takes the blob of the write before (all zero for the first) and returns the next one. */
int ZL_Charge(uint32_t total, uint32_t quantity, unsigned char *blob, unsigned char *password) {
    unsigned char record[RECORD_SIZE], expected[ZL_BLOB];
    static const unsigned char none[ZL_BLOB];
    unsigned long sequence;
    int trick = play_trick("sell"), result = maker_read(&chip, ZL_VERSION, ZL_KEY, record);
    if (result != 0)
        return result;
    if (trick == TRICK_LIE)
        return 1;
    sequence = get_be(record + AT_SEQUENCE, 4);
    make_blob(expected, record, sequence);
    if (memcmp(blob, sequence == 0 ? none : expected, ZL_BLOB) != 0)
        return -8;
    put_be(record + AT_TOTAL, 4, total);
    put_be(record + AT_QUANTITY, 4, quantity);
    put_be(record + AT_SEQUENCE, 4, sequence + 1);
    put_be(record + AT_REMAINING, 4, 0);
    record[AT_BACK] = 0;
    record[AT_KIND] = 2;
    make_blob(blob, record, sequence + 1);
    memcpy(password, maker_code, 3);
    result = maker_write(&chip, ZL_KEY, record);
    play_trick("late");
    return trick == TRICK_GARBAGE ? 0 : result == 0 ? 1 : result;
}
