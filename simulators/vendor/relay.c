/* PC/SC for a library that opens the reader by itself, where there is no pcscd: one reader with one card in it, whose
 * commands go through a function of whoever loaded the library. */
#include <stddef.h>
#include <winscard.h>

typedef int (*transmit_fn)(void *context, const unsigned char *command, int length, unsigned char *answer, int *answered);

static transmit_fn carry;
static void *carrier;

const SCARD_IO_REQUEST g_rgSCardT0Pci = {SCARD_PROTOCOL_T0, sizeof(SCARD_IO_REQUEST)};
const SCARD_IO_REQUEST g_rgSCardT1Pci = {SCARD_PROTOCOL_T1, sizeof(SCARD_IO_REQUEST)};

int relay_through(transmit_fn transmit, void *context) {
    carry = transmit;
    carrier = context;
    return 0;
}

LONG SCardEstablishContext(DWORD scope, LPCVOID unused, LPCVOID reserved, LPSCARDCONTEXT context) {
    (void)scope, (void)unused, (void)reserved;
    *context = 1;
    return SCARD_S_SUCCESS;
}

LONG SCardReleaseContext(SCARDCONTEXT context) {
    (void)context;
    return SCARD_S_SUCCESS;
}

LONG SCardConnect(SCARDCONTEXT context, LPCSTR reader, DWORD share, DWORD wanted, LPSCARDHANDLE card, LPDWORD protocol) {
    (void)context, (void)reader, (void)share, (void)wanted;
    *card = 1;
    *protocol = SCARD_PROTOCOL_T0;
    return SCARD_S_SUCCESS;
}

LONG SCardDisconnect(SCARDHANDLE card, DWORD disposition) {
    (void)card, (void)disposition;
    return SCARD_S_SUCCESS;
}

LONG SCardTransmit(SCARDHANDLE card, const SCARD_IO_REQUEST *send, LPCBYTE command, DWORD length,
                   SCARD_IO_REQUEST *receive, LPBYTE answer, LPDWORD answered) {
    int size = (int)*answered;
    (void)card, (void)send, (void)receive;
    if (carry == NULL || carry(carrier, command, (int)length, answer, &size) != 0)
        return SCARD_E_NO_SMARTCARD;
    *answered = (DWORD)size;
    return SCARD_S_SUCCESS;
}
