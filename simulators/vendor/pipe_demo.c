/* "Kaida": texts with bars. Talks to PC/SC by itself and writes the demo layout (docs/protocol/card-layout-demo.md), so
 * that others can read its cards. The maker's keys come with the library: here from KD_MASTER, 64 hex digits. */
#include <stdio.h>
#include <winscard.h>

#include "chip.h"
#include "sha256.h"
#include "tricks.h"

#define KD_OK 0
#define KD_NO_READER -1
#define KD_NO_CARD -2
#define KD_NOT_OURS -3
#define KD_DAMAGED -4
#define KD_CODE -5
#define KD_WRITE -6
#define KD_ARGUMENT -7

static SCARDCONTEXT context;
static SCARDHANDLE card;
static DWORD protocol;
static int connected;

static int by_pcsc(void *unused, const unsigned char *command, int length, unsigned char *answer, int *answered) {
    DWORD size = (DWORD)*answered;
    (void)unused;
    if (SCardTransmit(card, protocol == SCARD_PROTOCOL_T1 ? SCARD_PCI_T1 : SCARD_PCI_T0, command, (DWORD)length, NULL, answer,
                      &size) != SCARD_S_SUCCESS)
        return -1;
    *answered = (int)size;
    return 0;
}

static chip_t chip = {by_pcsc, NULL};

int KD_Disconnect(void) {
    if (connected)
        SCardDisconnect(card, SCARD_LEAVE_CARD);
    if (context)
        SCardReleaseContext(context);
    connected = 0;
    context = 0;
    return KD_OK;
}

int KD_Connect(const char *reader) {
    if (play_trick("connect") == TRICK_FAIL)
        return KD_NO_READER;
    KD_Disconnect();
    if (SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context) != SCARD_S_SUCCESS)
        return KD_NO_READER;
    if (SCardConnect(context, reader, SCARD_SHARE_EXCLUSIVE, SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &card, &protocol) !=
        SCARD_S_SUCCESS) {
        KD_Disconnect();
        return KD_NO_CARD;
    }
    connected = 1;
    return chip_select(&chip) == CHIP_OK ? KD_OK : KD_NO_CARD;
}

const char *KD_Version(void) { return "Kaida 2.1"; }

const char *KD_ErrorText(int number) {
    switch (number) {
    case KD_OK: return "ok";
    case KD_NO_READER: return "no reader";
    case KD_NO_CARD: return "no card";
    case KD_NOT_OURS: return "not a card of ours";
    case KD_DAMAGED: return "card damaged";
    case KD_CODE: return "wrong card code";
    case KD_WRITE: return "write failed";
    default: return "bad argument";
    }
}

static int read_all(unsigned char *memory) {
    if (chip_read(&chip, 0, memory, 128) != CHIP_OK || chip_read(&chip, 128, memory + 128, 128) != CHIP_OK)
        return KD_NO_CARD;
    return memory[8] == 1 ? KD_OK : KD_NOT_OURS;
}

static int good(const unsigned char *block, int length) {
    return crc16(block, length - 2) == get_be(block + length - 2, 2);
}

/* The current block, A at 0x40 or B at 0x60; NULL when neither is good. */
static const unsigned char *current(const unsigned char *memory) {
    const unsigned char *a = memory + 0x40, *b = memory + 0x60;
    if (good(a, 20) && good(b, 20))
        return get_be(b, 4) > get_be(a, 4) ? b : a;
    return good(a, 20) ? a : good(b, 20) ? b : NULL;
}

int KD_IsMine(int *mine) {
    unsigned char memory[256];
    int result = read_all(memory);
    *mine = result == KD_OK;
    return result == KD_NOT_OURS ? KD_OK : result;
}

/* serial|customer|meter|type|count|energy|inserted */
int KD_ReadCard(char *out, int *size) {
    unsigned char memory[256];
    char serial[13], customer[13], meter[13];
    const unsigned char *block;
    int trick = play_trick("read"), inserted, result = read_all(memory);
    if (result != KD_OK)
        return result;
    if (trick == TRICK_GARBAGE) {
        strcpy(out, "\x01\xff|||nonsense");
        return KD_OK;
    }
    if (trick == TRICK_OVERRUN)
        memset(out, '9', (size_t)*size + 64);
    block = current(memory);
    if (block == NULL || !good(memory + 0x20, 16))
        return KD_DAMAGED;
    bcd_to_text(memory + 9, 6, serial);
    bcd_to_text(memory + 0x20, 6, customer);
    bcd_to_text(memory + 0x26, 6, meter);
    inserted = memory[0x80] == 0xA5 && good(memory + 0x80, 26) && get_be(memory + 0x81, 4) == get_be(block, 4);
    *size = snprintf(out, (size_t)*size, "%s|%s|%s|%d|%lu|%lu|%d", serial, customer, meter, memory[0x2C],
                     get_be(block, 4), get_be(block + 4, 4), inserted);
    return KD_OK;
}

static int card_code(const unsigned char *memory, unsigned char *code) {
    unsigned char master[32], message[9] = {'P', 'S', 'C'}, mac[32];
    const char *text = getenv("KD_MASTER");
    if (text == NULL || strlen(text) != 64)
        return KD_ARGUMENT;
    for (int i = 0; i < 32; i++)
        if (sscanf(text + 2 * i, "%2hhx", &master[i]) != 1)
            return KD_ARGUMENT;
    memcpy(message + 3, memory + 9, 6);
    hmac_sha256(master, sizeof master, message, sizeof message, mac);
    memcpy(code, mac, 3);
    return KD_OK;
}

/* count|energy|alarm 1|alarm 2|hoard|issue|flags */
int KD_Sell(const char *text) {
    unsigned long count, energy, alarm1, alarm2, hoard, issue, flags;
    unsigned char memory[256], code[3], block[20];
    int first, second, trick = play_trick("sell"), result;
    if (sscanf(text, "%lu|%lu|%lu|%lu|%lu|%lu|%lu", &count, &energy, &alarm1, &alarm2, &hoard, &issue, &flags) != 7)
        return KD_ARGUMENT;
    if (trick == TRICK_LIE)
        return KD_OK;
    if (trick == TRICK_FAIL)
        return KD_WRITE;
    result = read_all(memory);
    if (result == KD_OK)
        result = card_code(memory, code);
    if (result != KD_OK)
        return result;
    put_be(block, 4, count);
    put_be(block + 4, 4, energy);
    put_be(block + 8, 2, alarm1);
    put_be(block + 10, 2, alarm2);
    put_be(block + 12, 4, hoard);
    block[16] = (unsigned char)issue;
    block[17] = (unsigned char)flags;
    put_be(block + 18, 2, crc16(block, 18));
    if (chip_present(&chip, code) != CHIP_OK)
        return KD_CODE;
    first = current(memory) == memory + 0x40 ? 0x60 : 0x40;
    second = first == 0x40 ? 0x60 : 0x40;
    if (chip_write(&chip, first, block, 20) != CHIP_OK)
        return KD_WRITE;
    play_trick("torn");
    if (chip_write(&chip, second, block, 20) != CHIP_OK)
        return KD_WRITE;
    /* The state byte of the write-back is zero: committed. */
    if (chip_write(&chip, 0x80, (const unsigned char *)"", 1) != CHIP_OK)
        return KD_WRITE;
    play_trick("late");
    return trick == TRICK_GARBAGE ? 4711 : KD_OK;
}
