#ifndef IMSTRACE_CZSTD_H
#define IMSTRACE_CZSTD_H

#include <zstd.h>
#include <zstd_errors.h>

#endif
