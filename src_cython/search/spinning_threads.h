/* Threads that help with work of some tenths of a millisecond.

   Waking a sleeping thread takes as long as such work does. So a helper that has been woken spins
   for a while, looking for more work, before it sleeps again. A thread that has work offers it,
   starts on it, and at the end waits only for the helpers that have joined; it does not wait for
   a helper that comes late. Helpers never take the interpreter's lock.

   One piece of work is on offer at a time. A thread that finds another one there works alone. */

#ifndef NW_SPINNING_THREADS_H
#define NW_SPINNING_THREADS_H

#include <stdint.h>

#if defined(__GNUC__) || defined(__clang__)

#if defined(_WIN32)
#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#endif
#include <windows.h>

typedef SRWLOCK spin_lock;
typedef CONDITION_VARIABLE spin_condition;
#define SPIN_LOCK_INIT SRWLOCK_INIT
#define SPIN_CONDITION_INIT CONDITION_VARIABLE_INIT

static inline void spin_acquire(spin_lock *lock) { AcquireSRWLockExclusive(lock); }
static inline void spin_release(spin_lock *lock) { ReleaseSRWLockExclusive(lock); }
static inline void spin_wait(spin_condition *condition, spin_lock *lock) {
    SleepConditionVariableSRW(condition, lock, INFINITE, 0);
}
static inline void spin_wake_all(spin_condition *condition) { WakeAllConditionVariable(condition); }
static inline void spin_yield(void) { SwitchToThread(); }

static inline int64_t spin_now(void) {
    LARGE_INTEGER now, per_second;
    QueryPerformanceCounter(&now);
    QueryPerformanceFrequency(&per_second);
    return (int64_t)((double)now.QuadPart * 1e9 / (double)per_second.QuadPart);
}
#else
#include <pthread.h>
#include <sched.h>
#include <time.h>

typedef pthread_mutex_t spin_lock;
typedef pthread_cond_t spin_condition;
#define SPIN_LOCK_INIT PTHREAD_MUTEX_INITIALIZER
#define SPIN_CONDITION_INIT PTHREAD_COND_INITIALIZER

static inline void spin_acquire(spin_lock *lock) { pthread_mutex_lock(lock); }
static inline void spin_release(spin_lock *lock) { pthread_mutex_unlock(lock); }
static inline void spin_wait(spin_condition *condition, spin_lock *lock) { pthread_cond_wait(condition, lock); }
static inline void spin_wake_all(spin_condition *condition) { pthread_cond_broadcast(condition); }
static inline void spin_yield(void) { sched_yield(); }

static inline int64_t spin_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * (int64_t)1000000000 + now.tv_nsec;
}
#endif

#define SPIN_THREADS_EXIST 1
#define SPIN_OPEN 1
#define SPIN_ONE_HELPER 2 /* in the lower half of `state`, above the bit SPIN_OPEN */
#define SPIN_ONE_OFFER ((uint64_t)1 << 32)

typedef void (*spin_work)(void *what, int64_t part);

static struct {
    uint64_t state;   /* number of the offer, helpers that have joined, SPIN_OPEN */
    uint64_t finished; /* helpers that have done their part */
    int64_t awake;    /* helpers that are looking for work */
    int64_t most;     /* helpers that the work has parts for */
    int busy;         /* 1 while a piece of work is on offer */
    spin_work work;
    void *what;
    spin_lock lock; /* of `calls` and `called` */
    spin_condition called;
    int64_t calls;
} spin = {.lock = SPIN_LOCK_INIT, .called = SPIN_CONDITION_INIT};

static inline void spin_pause(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/* Do what work there is, until there has been none for `nanoseconds`. */
static void spin_until_idle(int64_t nanoseconds) {
    uint64_t last = 0; /* no offer has this number */
    int64_t until = spin_now() + nanoseconds;
    do {
        for (int i = 0; i < 64; i++) {
            uint64_t state = __atomic_load_n(&spin.state, __ATOMIC_ACQUIRE);
            const uint64_t joined = (state & (SPIN_ONE_OFFER - 1)) / SPIN_ONE_HELPER;
            if ((state & SPIN_OPEN) && state / SPIN_ONE_OFFER != last
                && joined < (uint64_t)__atomic_load_n(&spin.most, __ATOMIC_RELAXED)
                && __atomic_compare_exchange_n(&spin.state, &state, state + SPIN_ONE_HELPER, 0, __ATOMIC_ACQUIRE,
                                               __ATOMIC_RELAXED)) {
                last = state / SPIN_ONE_OFFER;
                spin.work(spin.what, (int64_t)joined + 1);
                __atomic_fetch_add(&spin.finished, 1, __ATOMIC_RELEASE);
                until = spin_now() + nanoseconds;
            }
            spin_pause();
        }
    } while (spin_now() < until);
}

/* What a helper does for ever: sleep until it is woken, then spin for `nanoseconds`. */
static void spin_help(int64_t nanoseconds) {
    int64_t seen = 0; /* a call from before it started wakes it, too */
    for (;;) {
        spin_acquire(&spin.lock);
        while (spin.calls == seen) spin_wait(&spin.called, &spin.lock);
        seen = spin.calls;
        spin_release(&spin.lock);
        __atomic_fetch_add(&spin.awake, 1, __ATOMIC_RELAXED);
        spin_until_idle(nanoseconds);
        __atomic_fetch_sub(&spin.awake, 1, __ATOMIC_RELAXED);
    }
}

static void spin_wake(void) {
    spin_acquire(&spin.lock);
    spin.calls++;
    spin_wake_all(&spin.called);
    spin_release(&spin.lock);
}

/* work(what, part) by the calling thread (part 0) and by up to `most` helpers (parts 1, 2, ...) */
static void spin_share(spin_work work, void *what, int64_t most) {
    int idle = 0;
    if (most < 1 || !__atomic_compare_exchange_n(&spin.busy, &idle, 1, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
        work(what, 0);
        return;
    }
    const uint64_t offer = (__atomic_load_n(&spin.state, __ATOMIC_RELAXED) / SPIN_ONE_OFFER + 1) * SPIN_ONE_OFFER;
    spin.work = work;
    spin.what = what;
    __atomic_store_n(&spin.most, most, __ATOMIC_RELAXED);
    __atomic_store_n(&spin.finished, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&spin.state, offer + SPIN_OPEN, __ATOMIC_RELEASE);
    work(what, 0);
    const uint64_t state = __atomic_fetch_and(&spin.state, ~(uint64_t)SPIN_OPEN, __ATOMIC_ACQUIRE);
    const uint64_t joined = (state & (SPIN_ONE_OFFER - 1)) / SPIN_ONE_HELPER;
    for (int64_t i = 0; __atomic_load_n(&spin.finished, __ATOMIC_ACQUIRE) < joined; i++) {
        if (i < 4096) spin_pause();
        else spin_yield(); /* the helper has lost its CPU, perhaps to this thread */
    }
    __atomic_store_n(&spin.busy, 0, __ATOMIC_RELEASE);
}

static int64_t spin_awake(void) { return __atomic_load_n(&spin.awake, __ATOMIC_RELAXED); }

/* For a forked child, which has none of its parent's threads. */
static void spin_forget(void) {
    spin.busy = 0;
    spin.awake = 0;
    spin.state = spin.state / SPIN_ONE_OFFER * SPIN_ONE_OFFER;
    spin.calls = 0;
    spin.lock = (spin_lock)SPIN_LOCK_INIT;
    spin.called = (spin_condition)SPIN_CONDITION_INIT;
}

#else /* every thread works alone */

#define SPIN_THREADS_EXIST 0

typedef void (*spin_work)(void *what, int64_t part);

static void spin_help(int64_t nanoseconds) { (void)nanoseconds; }
static void spin_share(spin_work work, void *what, int64_t most) {
    (void)most;
    work(what, 0);
}
static void spin_wake(void) {}
static int64_t spin_awake(void) { return 0; }
static void spin_forget(void) {}

#endif
#endif
