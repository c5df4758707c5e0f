/* Runs what has code of its own for each operating system and processor: threads, features, registers.

   tools/platforms.py compiles it for one instruction-set level of a system for which there is no
   Python here, and runs it under an emulator. It prints what went wrong; the exit status is the
   number of faults. */

#include <stdio.h>
#include <stdlib.h>

#include "cpu_features.h"
#include "scan.h"
#include "spinning_threads.h"
#include "team.h"

#if defined(_WIN32)
typedef HANDLE thread;
#define THREAD_FUNCTION(name) static DWORD WINAPI name(LPVOID argument)
static thread begin(LPTHREAD_START_ROUTINE function, void *argument) {
    return CreateThread(NULL, 0, function, argument, 0, NULL);
}
static void join(thread one) { WaitForSingleObject(one, INFINITE); }
#else
typedef pthread_t thread;
#define THREAD_FUNCTION(name) static void *name(void *argument)
static thread begin(void *(*function)(void *), void *argument) {
    thread one;
    if (pthread_create(&one, NULL, function, argument)) abort();
    return one;
}
static void join(thread one) { pthread_join(one, NULL); }
#endif

enum { HELPERS = 3, OFFERS = 200, ITEMS = 1000, PHASES = 300, PARTS = 7, ROWS = 9, LONGEST = 70 };

static int faults = 0;
static void check(int holds, const char *what) {
    if (!holds) {
        faults++;
        printf("wrong: %s\n", what);
    }
}

static int64_t next_item, done[ITEMS];

static void take_items(void *what, int64_t part) {
    (void)what, (void)part;
    for (;;) {
        const int64_t i = scan_claim(&next_item, 1);
        if (i >= ITEMS) return;
        done[i]++;
    }
}

THREAD_FUNCTION(help) {
    (void)argument;
    spin_help(1000000);
    return 0;
}

static void check_helpers(void) {
    for (int i = 0; i < HELPERS; i++) begin(help, NULL);
    while (!spin_awake()) { /* for ever, if nobody wakes */
        spin_wake();
        spin_yield();
    }
    for (int offer = 0; offer < OFFERS; offer++) {
        spin_wake();
        next_item = 0;
        spin_share(take_items, NULL, HELPERS);
    }
    int all = 1;
    for (int i = 0; i < ITEMS; i++) all &= done[i] == OFFERS;
    check(all, "every item of an offer is done once");
}

static team_state team;
static int64_t taken[PHASES][PARTS];

THREAD_FUNCTION(train) {
    (void)argument;
    for (;;) {
        const uint64_t ticket = team_take(&team);
        const uint32_t phase = (uint32_t)(ticket >> 32), item = (uint32_t)ticket;
        if (phase >= PHASES) break;
        if (item >= PARTS) {
            team_wait(&team, phase);
            continue;
        }
        taken[phase][item]++; /* by one thread, so it needs no atomic operation */
        team_finish(&team, phase, PARTS);
    }
    return 0;
}

static void check_team(void) {
    thread threads[HELPERS];
    for (int i = 0; i < HELPERS; i++) threads[i] = begin(train, NULL);
    for (int i = 0; i < HELPERS; i++) join(threads[i]);
    int all = 1;
    for (int p = 0; p < PHASES; p++) for (int i = 0; i < PARTS; i++) all &= taken[p][i] == 1;
    check(all && !team_failed(&team), "every part of a phase is done once");
}

static void check_vectors(void) {
    float rows[ROWS][LONGEST];
    float query[LONGEST], scores[ROWS];
    for (int i = 0; i < ROWS * LONGEST; i++) rows[i / LONGEST][i % LONGEST] = (float)(i * 7 % 13 - 6);
    for (int i = 0; i < LONGEST; i++) query[i] = (float)(i * 5 % 11 - 5);
    for (int length = 0; length <= LONGEST; length++) {
        scan_dots(rows[0], sizeof rows[0], query, length, ROWS, scores);
        for (int r = 0; r < ROWS; r++) { /* small whole numbers: exact in any order */
            float sum = 0;
            for (int d = 0; d < length; d++) sum += rows[r][d] * query[d];
            check(scores[r] == sum, "dot products");
        }
    }
    for (float x = -80; x <= 80; x += 0.37f) {
        float found[LANES];
        v_store(found, v_exp(v_splat(x)));
        const double exact = exp((double)x);
        check(fabs(found[0] - exact) <= (3e-7 + 1e-7 * fabs(x)) * exact, "exponentials");
        check(found[0] == found[LANES - 1], "lanes of exponentials");
    }
}

#if defined(__AVX512F__)
#define NEEDED "avx512f"
#elif defined(__AVX2__)
#define NEEDED "avx2"
#endif

int main(void) {
    (void)spin_forget; /* for forked children */
#if defined(NEEDED)
    if (nw_has_feature(NEEDED) != 1) {
        printf("not for this processor\n");
        return 0;
    }
#endif
    const char *features[] = {"sse4.2", "popcnt", "fma", "avx2", "avx512f", "avx512vnni", "neon", "dotprod"};
    for (int i = 0; i < 8; i++) if (nw_has_feature(features[i]) == 1) printf("%s ", features[i]);
    check(nw_has_feature("no such feature") == -1, "features");
    check_helpers();
    check_team();
    check_vectors();
    printf("%d lanes, %d faults\n", LANES, faults);
    return faults > 100 ? 100 : faults;
}
