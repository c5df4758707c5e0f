/* Threads that do a row of phases together: in each phase all its items, then all of the next one.

   In the map: below training.pyx, whose rounds are two phases each. Threads join and leave as they
   like: who comes takes items, and one thread alone does all of them. The thread that finishes the
   last item of a phase opens the next; a thread that finds no item left waits for that, without the
   interpreter. A phase takes some tenths of a millisecond, less than waking a sleeping thread, so a
   waiting one spins, and then yields its processor. */

#ifndef NW_TEAM_H
#define NW_TEAM_H

#include <stdint.h>

#if defined(__GNUC__) || defined(__clang__)

#if defined(_WIN32)
#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#endif
#include <windows.h>
static inline void team_yield(void) { SwitchToThread(); }
#else
#include <sched.h>
static inline void team_yield(void) { sched_yield(); }
#endif

#define TEAMS_EXIST 1
#define TEAM_SPINS 4096

typedef struct {
    uint64_t ticket;   /* number of the phase, and in the lower half how often an item was asked for */
    uint32_t finished; /* items of the phase */
    uint32_t failed;   /* 1: an item could not be done */
} team_state;

static inline void team_pause(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static inline uint64_t team_take(team_state *team) {
    return __atomic_fetch_add(&team->ticket, 1, __ATOMIC_ACQ_REL);
}

static inline void team_finish(team_state *team, uint32_t phase, uint32_t items) {
    if (__atomic_add_fetch(&team->finished, 1, __ATOMIC_ACQ_REL) == items) {
        __atomic_store_n(&team->finished, 0, __ATOMIC_RELAXED);
        __atomic_store_n(&team->ticket, ((uint64_t)phase + 1) << 32, __ATOMIC_RELEASE);
    }
}

static inline void team_wait(const team_state *team, uint32_t phase) {
    for (int i = 0; __atomic_load_n(&team->ticket, __ATOMIC_ACQUIRE) >> 32 == phase; i++) {
        if (i < TEAM_SPINS) team_pause();
        else team_yield(); /* who has the last item has lost its processor, perhaps to this thread */
    }
}

static inline void team_fail(team_state *team) { __atomic_store_n(&team->failed, 1, __ATOMIC_RELAXED); }
static inline int team_failed(const team_state *team) { return __atomic_load_n(&team->failed, __ATOMIC_RELAXED) != 0; }

#else /* a team is one thread */

#define TEAMS_EXIST 0

typedef struct {
    uint64_t ticket;
    uint32_t finished, failed;
} team_state;

static __inline uint64_t team_take(team_state *team) { return team->ticket++; }
static __inline void team_finish(team_state *team, uint32_t phase, uint32_t items) {
    if (++team->finished == items) {
        team->finished = 0;
        team->ticket = ((uint64_t)phase + 1) << 32;
    }
}
static __inline void team_wait(const team_state *team, uint32_t phase) { (void)team, (void)phase; }
static __inline void team_fail(team_state *team) { team->failed = 1; }
static __inline int team_failed(const team_state *team) { return team->failed != 0; }

#endif
#endif
