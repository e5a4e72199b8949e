import Foundation
import IMSBytes
import IMSForge
import TestSupport
import Testing

@Suite struct SeedRegistrationTests {
  @Test func committedFileIsTheRecipe() throws {
    #expect(try Files.sample("seed-registration.pcap") == SeedRegistration().bytes)
  }

  @Test func theFileWithAccessIsTheSameRecipe() throws {
    #expect(
      try Files.sample("seed-registration-access.pcap") == SeedRegistration(withAccess: true).bytes)
    #expect(SeedRegistration(withAccess: true).records.dropFirst(2) == SeedRegistration().records[...])
  }

  @Test(.enabled(if: Tshark.isInstalled, "tshark is not installed"))
  func tsharkReadsThePDPContextActivation() throws {
    let rows = try Tshark.rows(
      SeedRegistration(withAccess: true).bytes, filter: "gtp",
      fields: ["gtp.message", "e212.imsi", "gtp.apn", "gtp.user_ipv4", "gsm_a.gm.sm.pco.pcscf.ipv4"])
    #expect(
      rows == [
        ["0x10", "001010000000001", "ims.vims.net", "", ""], ["0x11", "", "", "192.0.2.10", "198.51.100.10"],
      ])
    #expect(try Tshark.damaged(SeedRegistration(withAccess: true).bytes) == [])
  }

  /// Literal values of the figure, by hop of the first attempt.
  @Test func valuesOfTheFigure() throws {
    let registers = SeedRegistration().records.compactMap(\.transport).map {
      String(decoding: $0.payload, as: UTF8.self)
    }
    .filter { $0.hasPrefix("REGISTER") && $0.contains("CSeq: 25 REGISTER") }
    #expect(registers.count == 3)
    for (hop, text) in registers.enumerated() {
      #expect(text.hasPrefix("REGISTER sip:hims.net SIP/2.0\r\n"))
      #expect(text.contains("Max-Forwards: \(20 - hop)\r\n"))
      #expect(text.contains("From: <sip:name@hims.net>;tag=abbb\r\n"))
      #expect(text.contains("Contact: <sip:192.0.2.10>;expires=90000\r\n"))
      #expect(text.contains("Call-ID: ababab\r\n"))
      #expect(text.contains("branch=" + ["0abab", "0aab1", "0aab2"][hop]))
      #expect(text.contains("integrity-protected=\"no\"") == (hop > 0))
    }
  }

  @Test(.enabled(if: Tshark.isInstalled, "tshark is not installed"))
  func tsharkSeesTheWholeSequence() throws {
    let heuristic = ["-o", "esp.enable_null_encryption_decode_heuristic:TRUE"]
    let ladder = try Tshark.ladder(SeedRegistration().bytes, options: heuristic)
    #expect(ladder == TraceTextTests.registration)
    #expect(try Tshark.damaged(SeedRegistration().bytes, options: heuristic) == [])
  }

  /// The integrity check values are constants of the recipe: HMAC-SHA-1 with key IK ‖ 00000000 over the ESP packet
  /// without its last 12 octets, of which the first 12 are kept. Who changes the protected messages makes them anew.
  @Test(.enabled(if: Tshark.isInstalled, "tshark is not installed"))
  func integrityCheckValuesAreRight() throws {
    let key = Hex.encode(AKAVector.standard[0].ik) + "00000000"
    let rows = try Tshark.rows(
      SeedRegistration().bytes, filter: "esp", fields: ["frame.number", "esp.spi", "esp.icv_good"],
      options: [
        "-o", "esp.enable_encryption_decode:TRUE", "-o", "esp.enable_authentication_check:TRUE", "-o",
        "uat:esp_sa:\"IPv4\",\"*\",\"*\",\"*\",\"NULL\",\"\",\"HMAC-SHA-1-96 [RFC2404]\",\"0x\(key)\"",
      ])
    #expect(rows.map { $0[0] } == ["13", "22"])
    #expect(rows.map { $0[1] } == ["0x000003e9", "0x000007d1"])
    #expect(rows.allSatisfy { $0[2] == "1" || $0[2] == "True" })
  }
}
