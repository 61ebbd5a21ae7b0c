/* "Huali": structures, a backup zone, money in cents. Gets a function for the card's commands when it starts, and is the
 * only one who can read its cards. */
#include "maker.h"

#define HL_VERSION 0x11
#define HL_KEY 0x48554131u

#pragma pack(push, 1)
typedef struct {
    char serial[12], customer[12], meter[12];
    uint8_t kind; /* 0 blank, 1 open, 2 purchase, 3 replacement */
    uint8_t back; /* 0 empty, 1 valid */
    int32_t count;
    uint32_t cents;
    int32_t meter_count;
    uint32_t remaining;
    int32_t backup_count; /* of the backup zone */
} hl_card;

typedef struct {
    char customer[12], meter[12];
    uint8_t kind;
    int32_t count;
    uint32_t cents;
} hl_order;
#pragma pack(pop)

static chip_t chip;

int32_t HL_Init(transmit_fn transmit, void *context) {
    chip.transmit = transmit;
    chip.context = context;
    return play_trick("init") == TRICK_FAIL ? -9 : 0;
}

int32_t HL_Version(char *out, int32_t size) {
    strncpy(out, "Huali 7", (size_t)size);
    return 0;
}

int32_t HL_Check(void) {
    unsigned char record[RECORD_SIZE];
    return maker_read(&chip, HL_VERSION, HL_KEY, record);
}

int32_t HL_Read(hl_card *out) {
    unsigned char record[RECORD_SIZE], backup[4];
    char text[13];
    int trick = play_trick("read"), result = maker_read(&chip, HL_VERSION, HL_KEY, record);
    if (result != 0)
        return result;
    if (trick == TRICK_GARBAGE) {
        memset(out, 0xEE, sizeof *out);
        return 0;
    }
    if (trick == TRICK_OVERRUN)
        memset(out, '7', sizeof *out + 100);
    if (chip_read(&chip, 0x60, backup, 4) != CHIP_OK)
        return -1;
    bcd_to_text(record + AT_SERIAL, 6, text);
    memcpy(out->serial, text, 12);
    bcd_to_text(record + AT_CUSTOMER, 6, text);
    memcpy(out->customer, text, 12);
    bcd_to_text(record + AT_METER, 6, text);
    memcpy(out->meter, text, 12);
    out->kind = record[AT_KIND];
    out->back = record[AT_BACK];
    out->count = (int32_t)get_be(record + AT_COUNT, 4);
    out->cents = (uint32_t)get_be(record + AT_QUANTITY, 4);
    out->meter_count = (int32_t)get_be(record + AT_METER_COUNT, 4);
    out->remaining = (uint32_t)get_be(record + AT_REMAINING, 4);
    out->backup_count = (int32_t)get_be(backup, 4);
    return 0;
}

static void put_bcd(unsigned char *data, const char *digits, int length) {
    for (int i = 0; i < length; i++)
        data[i] = (unsigned char)((digits[2 * i] - '0') << 4 | (digits[2 * i + 1] - '0'));
}

int32_t HL_Write(const hl_order *order) {
    unsigned char record[RECORD_SIZE], backup[4];
    int trick = play_trick("sell"), result = maker_read(&chip, HL_VERSION, HL_KEY, record);
    if (trick == TRICK_LIE)
        return 0;
    if (trick == TRICK_FAIL)
        return -5;
    if (result != 0)
        return result;
    put_bcd(record + AT_CUSTOMER, order->customer, 6);
    put_bcd(record + AT_METER, order->meter, 6);
    record[AT_KIND] = order->kind;
    put_be(record + AT_COUNT, 4, (unsigned long)order->count);
    put_be(record + AT_QUANTITY, 4, order->cents);
    put_be(record + AT_METER_COUNT, 4, 0);
    put_be(record + AT_REMAINING, 4, 0);
    record[AT_BACK] = 0;
    put_be(backup, 4, (unsigned long)order->count);
    if (chip_select(&chip) != CHIP_OK || chip_present(&chip, maker_code) != CHIP_OK)
        return -4;
    if (chip_write(&chip, 0x60, backup, 4) != CHIP_OK)
        return -5;
    play_trick("torn");
    result = maker_write(&chip, HL_KEY, record);
    play_trick("late");
    return trick == TRICK_GARBAGE ? 12345 : result;
}
