/* What a maker's library may do wrong, switched on by the environment: VENDOR_TRICK=function:trick, for tests only. */
#ifndef TRICKS_H
#define TRICKS_H
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TRICK_NONE 0
#define TRICK_GARBAGE 1
#define TRICK_OVERRUN 2
#define TRICK_LIE 3
#define TRICK_FAIL 4

/* A process without our group, session and parent, that stays. */
static void leave_daemon(void) {
    pid_t child = fork();
    if (child == 0) {
        setsid();
        if (fork() != 0)
            _exit(0);
        for (;;)
            pause();
    }
    waitpid(child, NULL, 0);
}

/* Keeps the processor busy although it was told to stop, as long as the kernel lets it. */
static void spin_on(void) {
    struct rlimit limit;
    signal(SIGXCPU, SIG_IGN);
    if (getrlimit(RLIMIT_CPU, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_CPU, &limit);
    }
    for (volatile unsigned long n = 0;; n++) {
    }
}

/* Hangs, crashes, leaks and the like happen here; the other tricks are the caller's to play. */
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
    if (strcmp(wanted, "spin_on") == 0)
        spin_on();
    if (strcmp(wanted, "burn") == 0) {
        clock_t until = clock() + 3 * CLOCKS_PER_SEC / 10;
        while (clock() < until) {
        }
        return TRICK_NONE;
    }
    if (strcmp(wanted, "daemon") == 0) {
        leave_daemon();
        return TRICK_NONE;
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
