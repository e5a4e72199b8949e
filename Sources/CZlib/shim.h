#ifndef IMSTRACE_CZLIB_H
#define IMSTRACE_CZLIB_H

#include <zlib.h>

// inflateInit2 and deflateInit2 are macros that Swift does not see. 15 + 16: largest window, gzip header and trailer.
static inline int gzip_inflate_init(z_stream *stream) { return inflateInit2(stream, 15 + 16); }

static inline int gzip_deflate_init(z_stream *stream, int level) {
  return deflateInit2(stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
}

#endif
