package io.gantry.runtime.stdio;

import java.time.Instant;

/**
 * Writes instants as the CRI log wants them: RFC 3339 in UTC with nine digits of a second. Formats
 * by hand because the general formatter of java.time costs a shim more memory than everything else
 * about logging.
 */
final class LogTime {
  /** {@code 2026-01-02T03:04:05.123456789Z}. */
  static final int LENGTH = 30;

  private static final int SECONDS_PER_DAY = 86400;

  private final byte[] text = new byte[LENGTH];
  private long formattedSecond = Long.MIN_VALUE;

  LogTime() {
    text[4] = '-';
    text[7] = '-';
    text[10] = 'T';
    text[13] = ':';
    text[16] = ':';
    text[19] = '.';
    text[29] = 'Z';
  }

  /** The text of {@code instant}; valid until the next call. */
  byte[] format(Instant instant) {
    long second = instant.getEpochSecond();
    if (second != formattedSecond) {
      date(Math.floorDiv(second, SECONDS_PER_DAY));
      int ofDay = Math.floorMod(second, SECONDS_PER_DAY);
      digits(11, 2, ofDay / 3600);
      digits(14, 2, ofDay / 60 % 60);
      digits(17, 2, ofDay % 60);
      formattedSecond = second;
    }
    digits(20, 9, instant.getNano());
    return text;
  }

  /**
   * Days since 1970 to a date:
   * https://howardhinnant.github.io/date_algorithms.html#civil_from_days.
   */
  private void date(long epochDay) {
    long shifted = epochDay + 719468;
    long era = Math.floorDiv(shifted, 146097);
    int dayOfEra = (int) (shifted - era * 146097);
    int yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365;
    int dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
    int shiftedMonth = (5 * dayOfYear + 2) / 153;
    int month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
    long year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
    digits(0, 4, (int) year);
    digits(5, 2, month);
    digits(8, 2, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1);
  }

  private void digits(int at, int count, int value) {
    int left = value;
    for (int i = at + count - 1; i >= at; i--) {
      text[i] = (byte) ('0' + left % 10);
      left /= 10;
    }
  }
}
