import IMSBytes
import IMSViews
import Testing

@Suite struct TimeTextTests {
  @Test(arguments: [
    (Int64(1_795_416_062_123_456_789), "2026-11-23T06:41:02.123456789Z"), (0, "1970-01-01T00:00:00.000000000Z"),
    (-1, "1969-12-31T23:59:59.999999999Z"), (951_782_400_000_000_000, "2000-02-29T00:00:00.000000000Z"),
    (.min, "1677-09-21T00:12:43.145224192Z"), (.max, "2262-04-11T23:47:16.854775807Z"),
  ]) func timesAreUTCToTheNanosecond(_ nanoseconds: Int64, _ text: String) {
    #expect(TimeText.iso(Timestamp(nanoseconds: nanoseconds)) == text)
  }

  @Test func aTimeOfDayNeverShowsTheNextMillisecond() {
    #expect(TimeText.timeOfDay(Timestamp(nanoseconds: 59_999_999_999)) == "00:00:59.999")
  }

  @Test(arguments: [
    (Int64(138_700_000), "138.700"), (499, "0.000"), (500, "0.001"), (0, "0.000"), (-500, "0.000"), (-501, "-0.001"),
    (.max, "9223372036854.776"), (.min, "-9223372036854.776"),
  ]) func millisecondsHaveThreeDecimalsRoundedHalfUp(_ nanoseconds: Int64, _ text: String) {
    #expect(TimeText.milliseconds(Interval(nanoseconds: nanoseconds)) == text)
  }

  @Test func relativeTimesHaveASign() {
    #expect(TimeText.relative(.milliseconds(27)) == "+0.027 s")
    #expect(TimeText.relative(.zero) == "+0.000 s")
    #expect(TimeText.relative(.milliseconds(-1500)) == "-1.500 s")
  }
}
