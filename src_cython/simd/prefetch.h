/* Requests for lines of memory that are needed soon: they are on their way when a request returns.

   In the map: included by everything that knows early what it will read. A request is a hint, to
   any address, valid or not. Where the compiler offers none, and in the baseline level, which is
   plain C (NW_PORTABLE), it does nothing. */

#ifndef NW_PREFETCH_H
#define NW_PREFETCH_H

#if (defined(__GNUC__) || defined(__clang__)) && !defined(NW_PORTABLE)
#define NW_PREFETCH(address) __builtin_prefetch((address), 0, 3)       /* to read, into the first-level cache */
#define NW_PREFETCH_L2(address) __builtin_prefetch((address), 0, 2)    /* to read, into the second-level cache */
#if defined(__AVX512F__) /* all these processors have PREFETCHW, which compilers use only when asked for it */
#define NW_PREFETCH_WRITE(address) __asm__ volatile("prefetchw %0" : : "m"(*(const char *)(address)))
#else
#define NW_PREFETCH_WRITE(address) __builtin_prefetch((address), 1, 3) /* to write */
#endif
#else
#define NW_PREFETCH(address) ((void)(address))
#define NW_PREFETCH_L2(address) ((void)(address))
#define NW_PREFETCH_WRITE(address) ((void)(address))
#endif

#endif
