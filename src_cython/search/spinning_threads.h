/* Threads that help with work of some tenths of a millisecond.

   Waking a sleeping thread takes as long as such work does. So a helper, once it has been woken,
   looks for more of it for a while before it goes to sleep again. Whoever has work offers it,
   begins, and waits at the end for those alone that have joined: a helper that comes late is
   not missed. Helpers never need the interpreter, whose lock they would wait for longest.

   One piece of work at a time is on offer; who finds another one there works alone. */

#ifndef NW_TEAM_H
#define NW_TEAM_H

#include <stdint.h>

#if (defined(__GNUC__) || defined(__clang__)) && !defined(_WIN32)
#include <pthread.h>
#include <sched.h>
#include <time.h>

#define TEAM_EXISTS 1
#define TEAM_OPEN 1
#define TEAM_ONE 2 /* member, in the lower half of `state` above the bit TEAM_OPEN */
#define TEAM_OFFER ((uint64_t)1 << 32)

typedef void (*team_work)(void *what, int64_t part);

static struct {
    uint64_t state;   /* number of the offer, members that have joined, TEAM_OPEN */
    uint64_t finished; /* members that have done their part */
    int64_t awake;    /* helpers that are looking for work */
    int64_t most;     /* members that the work has parts for */
    int busy;
    team_work work;
    void *what;
    pthread_mutex_t lock; /* of the calls, and those that sleep until there is one */
    pthread_cond_t called;
    int64_t calls;
} team = {.lock = PTHREAD_MUTEX_INITIALIZER, .called = PTHREAD_COND_INITIALIZER};

static inline void team_pause(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static inline int64_t team_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * (int64_t)1000000000 + now.tv_nsec;
}

/* Look for work, and do it, until there has been none for so long. */
static void team_look(int64_t nanoseconds) {
    uint64_t last = 0; /* no offer has this number */
    int64_t until = team_now() + nanoseconds;
    do {
        for (int i = 0; i < 64; i++) {
            uint64_t state = __atomic_load_n(&team.state, __ATOMIC_ACQUIRE);
            const uint64_t joined = (state & (TEAM_OFFER - 1)) / TEAM_ONE;
            if ((state & TEAM_OPEN) && state / TEAM_OFFER != last
                && joined < (uint64_t)__atomic_load_n(&team.most, __ATOMIC_RELAXED)
                && __atomic_compare_exchange_n(&team.state, &state, state + TEAM_ONE, 0, __ATOMIC_ACQUIRE,
                                               __ATOMIC_RELAXED)) {
                last = state / TEAM_OFFER;
                team.work(team.what, (int64_t)joined + 1);
                __atomic_fetch_add(&team.finished, 1, __ATOMIC_RELEASE);
                until = team_now() + nanoseconds;
            }
            team_pause();
        }
    } while (team_now() < until);
}

/* What a helper does for ever: sleep until it is called, then look for work for so long. */
static void team_help(int64_t nanoseconds) {
    int64_t seen = 0; /* calls from before it came were for it, too */
    for (;;) {
        pthread_mutex_lock(&team.lock);
        while (team.calls == seen) pthread_cond_wait(&team.called, &team.lock);
        seen = team.calls;
        pthread_mutex_unlock(&team.lock);
        __atomic_fetch_add(&team.awake, 1, __ATOMIC_RELAXED);
        team_look(nanoseconds);
        __atomic_fetch_sub(&team.awake, 1, __ATOMIC_RELAXED);
    }
}

static void team_call(void) {
    pthread_mutex_lock(&team.lock);
    team.calls++;
    pthread_cond_broadcast(&team.called);
    pthread_mutex_unlock(&team.lock);
}

/* work(what, part) by the calling thread (part 0) and by up to `most` helpers (parts 1, 2, ...) */
static void team_share(team_work work, void *what, int64_t most) {
    int idle = 0;
    if (most < 1 || !__atomic_compare_exchange_n(&team.busy, &idle, 1, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
        work(what, 0);
        return;
    }
    const uint64_t offer = (__atomic_load_n(&team.state, __ATOMIC_RELAXED) / TEAM_OFFER + 1) * TEAM_OFFER;
    team.work = work;
    team.what = what;
    __atomic_store_n(&team.most, most, __ATOMIC_RELAXED);
    __atomic_store_n(&team.finished, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&team.state, offer + TEAM_OPEN, __ATOMIC_RELEASE);
    work(what, 0);
    const uint64_t state = __atomic_fetch_and(&team.state, ~(uint64_t)TEAM_OPEN, __ATOMIC_ACQUIRE);
    const uint64_t joined = (state & (TEAM_OFFER - 1)) / TEAM_ONE;
    for (int64_t i = 0; __atomic_load_n(&team.finished, __ATOMIC_ACQUIRE) < joined; i++) {
        if (i < 4096) team_pause();
        else sched_yield(); /* it has lost its CPU, perhaps to this thread */
    }
    __atomic_store_n(&team.busy, 0, __ATOMIC_RELEASE);
}

static int64_t team_awake(void) { return __atomic_load_n(&team.awake, __ATOMIC_RELAXED); }

/* A forked child has none of its parent's threads, whatever they were doing. */
static void team_forget(void) {
    team.busy = 0;
    team.awake = 0;
    team.state = team.state / TEAM_OFFER * TEAM_OFFER;
    team.calls = 0;
    pthread_mutex_init(&team.lock, NULL);
    pthread_cond_init(&team.called, NULL);
}

#else /* everybody works alone */

#define TEAM_EXISTS 0

typedef void (*team_work)(void *what, int64_t part);

static void team_help(int64_t nanoseconds) { (void)nanoseconds; }
static void team_share(team_work work, void *what, int64_t most) {
    (void)most;
    work(what, 0);
}
static void team_call(void) {}
static int64_t team_awake(void) { return 0; }
static void team_forget(void) {}

#endif
#endif
