/* What a maker's library may do wrong, switched on by the environment: VENDOR_TRICK=function:trick, for tests only. */
#ifndef TRICKS_H
#define TRICKS_H
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TRICK_NONE 0
#define TRICK_GARBAGE 1
#define TRICK_OVERRUN 2
#define TRICK_LIE 3
#define TRICK_FAIL 4

/* Hangs, crashes and leaks here; the other tricks are the caller's to play. */
static int play_trick(const char *function) {
    const char *wanted = getenv("VENDOR_TRICK");
    size_t length = strlen(function);
    if (wanted == NULL || strncmp(wanted, function, length) != 0 || wanted[length] != ':')
        return TRICK_NONE;
    wanted += length + 1;
    if (strcmp(wanted, "hang") == 0)
        for (;;)
            pause();
    if (strcmp(wanted, "spin") == 0)
        for (volatile unsigned long n = 0;; n++) {
        }
    if (strcmp(wanted, "crash") == 0)
        raise(SIGSEGV);
    if (strcmp(wanted, "exit") == 0)
        _exit(0);
    if (strcmp(wanted, "leak") == 0) {
        for (;;) {
            char *block = malloc(1 << 20);
            if (block == NULL)
                abort();
            memset(block, 1, 1 << 20);
        }
    }
    if (strcmp(wanted, "drip") == 0) {
        /* Kept where the compiler must believe that somebody looks. */
        static char *volatile kept;
        kept = malloc(24 << 20);
        if (kept != NULL)
            memset(kept, 1, 24 << 20);
        return TRICK_NONE;
    }
    if (strcmp(wanted, "garbage") == 0)
        return TRICK_GARBAGE;
    if (strcmp(wanted, "overrun") == 0)
        return TRICK_OVERRUN;
    if (strcmp(wanted, "lie") == 0)
        return TRICK_LIE;
    if (strcmp(wanted, "fail") == 0)
        return TRICK_FAIL;
    return TRICK_NONE;
}
#endif
