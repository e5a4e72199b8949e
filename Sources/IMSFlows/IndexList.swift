/// A short list of indices into the messages, transactions or exchanges of a registration, in the order in which they were
/// appended. Up to seven lie in the list itself: those of nearly every registration take no memory of their own, and no
/// reference is counted when one is passed on. What is asked of it stands in line in other modules too.
@usableFromInline package struct IndexList: Sendable {
  /// Seven of 16 bits and how many of them are used.
  @usableFromInline struct Few: Sendable, BitwiseCopyable {
    @usableFromInline var first: UInt64 = 0
    @usableFromInline var second: UInt32 = 0
    @usableFromInline var last: UInt16 = 0
    @usableFromInline var count: UInt8 = 0

    @usableFromInline static var capacity: Int { 7 }

    @inlinable init() {}

    @inlinable subscript(place: Int) -> Int {
      if place < 4 { return Int(truncatingIfNeeded: first >> UInt64(place &* 16)) & 0xffff }
      if place < 6 { return Int(truncatingIfNeeded: second >> UInt32((place &- 4) &* 16)) & 0xffff }
      return Int(last)
    }

    /// There is room, and the value fits.
    @inlinable mutating func append(_ value: UInt16) {
      let place = Int(count)
      if place < 4 {
        first |= UInt64(value) << UInt64(place &* 16)
      } else if place < 6 {
        second |= UInt32(value) << UInt32((place &- 4) &* 16)
      } else {
        last = value
      }
      count &+= 1
    }
  }

  @usableFromInline enum Storage: Sendable {
    case few(Few)
    case many([Int])
  }

  @usableFromInline var storage: Storage

  @inlinable package init() { storage = .few(Few()) }

  @inlinable package mutating func append(_ index: Int) {
    switch storage {
    case .few(var few):
      guard few.count < Few.capacity, let short = UInt16(exactly: index) else {
        storage = .many(Array(self) + [index])
        return
      }
      few.append(short)
      storage = .few(few)
    case .many(var many):
      // So that it is not copied.
      storage = .few(Few())
      many.append(index)
      storage = .many(many)
    }
  }

  /// In ascending order, as most are anyway.
  mutating func sort() {
    for place in 1..<Swift.max(1, count) where self[place - 1] > self[place] {
      self = IndexList(sorted())
      return
    }
  }
}

extension IndexList: RandomAccessCollection, RangeReplaceableCollection, ExpressibleByArrayLiteral {
  @inlinable package var startIndex: Int { 0 }

  @inlinable package var endIndex: Int {
    switch storage {
    case .few(let few): Int(few.count)
    case .many(let many): many.count
    }
  }

  @inlinable package subscript(place: Int) -> Int {
    switch storage {
    case .few(let few):
      precondition(place >= 0 && place < Int(few.count), "no such place in the list")
      return few[place]
    case .many(let many): return many[place]
    }
  }

  @inlinable package init(arrayLiteral indices: Int...) {
    self.init()
    for index in indices { append(index) }
  }

  @inlinable package mutating func replaceSubrange(_ range: Range<Int>, with indices: some Collection<Int>) {
    var all = Array(self)
    all.replaceSubrange(range, with: indices)
    self = IndexList()
    for index in all { append(index) }
  }
}

extension IndexList: Equatable {
  @inlinable package static func == (left: IndexList, right: IndexList) -> Bool { left.elementsEqual(right) }
}
