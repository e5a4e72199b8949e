#ifndef ALLOCATION_COUNTER_H
#define ALLOCATION_COUNTER_H

/// How often the calling thread has asked the C library for memory since it began; -1 where that cannot be counted.
long allocation_count(void);

#endif
