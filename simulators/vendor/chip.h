/* An SLE4442 behind an ACS reader (ACR38 reference manual), by whatever carries the commands. */
#ifndef CHIP_H
#define CHIP_H
#include <string.h>

#define CHIP_OK 0
#define CHIP_SILENT -21
#define CHIP_REFUSED -22
#define CHIP_CODE -23

/* The carrier: 0 when an answer with its two status bytes is there. */
typedef int (*transmit_fn)(void *context, const unsigned char *command, int length, unsigned char *answer, int *answered);

typedef struct {
    transmit_fn transmit;
    void *context;
} chip_t;

static int chip_command(chip_t *chip, const unsigned char *command, int length, unsigned char *data, int wanted,
                        int status) {
    unsigned char answer[260];
    int answered = (int)sizeof answer;
    if (chip->transmit == NULL || chip->transmit(chip->context, command, length, answer, &answered) != 0)
        return CHIP_SILENT;
    if (answered != wanted + 2 || answer[answered - 2] * 256 + answer[answered - 1] != status)
        return CHIP_REFUSED;
    if (wanted > 0)
        memcpy(data, answer, (size_t)wanted);
    return CHIP_OK;
}

static int chip_select(chip_t *chip) {
    static const unsigned char command[] = {0xFF, 0xA4, 0x00, 0x00, 0x01, 0x06};
    return chip_command(chip, command, (int)sizeof command, NULL, 0, 0x9000);
}

static int chip_read(chip_t *chip, int address, unsigned char *data, int length) {
    unsigned char command[] = {0xFF, 0xB0, 0x00, (unsigned char)address, (unsigned char)length};
    return chip_command(chip, command, (int)sizeof command, data, length, 0x9000);
}

static int chip_write(chip_t *chip, int address, const unsigned char *data, int length) {
    unsigned char command[5 + 128] = {0xFF, 0xD0, 0x00, (unsigned char)address, (unsigned char)length};
    memcpy(command + 5, data, (size_t)length);
    return chip_command(chip, command, 5 + length, NULL, 0, 0x9000);
}

/* Present the code once, and only while no try is used up. */
static int chip_present(chip_t *chip, const unsigned char *code) {
    static const unsigned char counter[] = {0xFF, 0xB1, 0x00, 0x00, 0x04};
    unsigned char command[] = {0xFF, 0x20, 0x00, 0x00, 0x03, code[0], code[1], code[2]};
    unsigned char state[4];
    int result = chip_command(chip, counter, (int)sizeof counter, state, 4, 0x9000);
    if (result != CHIP_OK)
        return result;
    if ((state[0] & 7) != 7)
        return CHIP_CODE;
    return chip_command(chip, command, (int)sizeof command, NULL, 0, 0x9007) == CHIP_OK ? CHIP_OK : CHIP_CODE;
}

static unsigned long get_be(const unsigned char *data, int length) {
    unsigned long value = 0;
    for (int i = 0; i < length; i++)
        value = value << 8 | data[i];
    return value;
}

static void put_be(unsigned char *data, int length, unsigned long value) {
    for (int i = length - 1; i >= 0; i--, value >>= 8)
        data[i] = (unsigned char)value;
}

/* CRC-16/CCITT-FALSE. */
static unsigned crc16(const unsigned char *data, int length) {
    unsigned value = 0xFFFF;
    for (int i = 0; i < length; i++) {
        value ^= (unsigned)data[i] << 8;
        for (int bit = 0; bit < 8; bit++)
            value = (value & 0x8000 ? value << 1 ^ 0x1021 : value << 1) & 0xFFFF;
    }
    return value;
}

static void bcd_to_text(const unsigned char *data, int length, char *text) {
    for (int i = 0; i < length; i++) {
        text[2 * i] = (char)('0' + (data[i] >> 4));
        text[2 * i + 1] = (char)('0' + (data[i] & 15));
    }
    text[2 * length] = 0;
}
#endif
