package import IMSBytes

/// Opens a capture, or standard input for "-"; gzip and zstd are unpacked on the way, told by their first bytes.
///
/// Nothing is read yet: a pipe may have nothing to give, and `isInterrupted` is set by whoever opened it.
package func openInput(_ path: String) throws(InputError) -> BlockFile {
  BlockFile(InflatingSource(try FileSource(path: path)))
}
