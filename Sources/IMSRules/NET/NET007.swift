import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP
import IMSWire

extension Rule {
  static let NET007 = Rule(
    "NET007", .warning, "SIP message too large for UDP, or fragmented",
    clauses: [.rfc(3261, "18.1.1"), .ts24229("4.2A")], since: "0.2",
    why: """
      A datagram that does not fit into one packet is cut, and lost as a whole when a piece is. What is larger than 1300 \
      octets goes over TCP.
      """,
    traps: """
      In the core, where the next node is near and its MTU known, the second REGISTER of IMS is nearly always a little larger: \
      there only one that was cut into fragments is reported. Once for each registration, at its largest request. The octets \
      of ESP around it are not counted.
      """,
    when: .register, needs: [.message(status: nil, on: Hop.sip)], trigger: .largeRequest,
    flagged: [
      Example(
        "a long header",
        """
        UE -> P: REGISTER sip:hims.net        ←
          X-Long-1: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
          X-Long-2: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
          X-Long-3: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
          X-Long-4: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
          X-Long-5: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
          X-Long-6: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
          X-Long-7: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
          X-Long-8: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
        P -> UE: 401 Unauthorized
        """)
    ],
    clean: [
      Example(
        "short enough",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        """)
    ]
  ) { flow, report in
    var largest: (index: Int, count: Int, pieces: Int)?
    for index in flow.registerMessages where flow.messages[index].isRequest {
      guard flow.messages[index].message.transport == .udp, let count = flow.sip(index)?.bytes.count, count > 1300,
        count > largest?.count ?? 0
      else { continue }
      // Of a tunnel or a recorder it is the outer packet that came in pieces.
      let sightings = flow.messages[index].message.sightings.filter { !$0.layers.isWrapped }
      let pieces = sightings.map { $0.frames.all.count }.max() ?? 1
      if pieces > 1 || flow.messages[index].hop == .h0 { largest = (index, count, pieces) }
    }
    guard let largest else { return }
    report(
      "a REGISTER of \(largest.count) octets over UDP on \(flow.messages[largest.index].hop?.rawValue ?? "")",
      at: [largest.index],
      observed: "\(largest.count) octets" + (largest.pieces > 1 ? " in \(largest.pieces) fragments" : ""),
      expected: "TCP above 1300 octets")
  }
}
