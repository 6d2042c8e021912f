package io.gantry.cri.doctor;

import java.util.Optional;

/**
 * What a check found out.
 *
 * @param subject what was looked at, in one word or two
 * @param words what there is, or what is missing and what for
 * @param remedy what to do about it, on Debian; empty if there is nothing to do
 */
public record Finding(Verdict verdict, String subject, String words, Optional<String> remedy) {

  static Finding fine(String subject, String words) {
    return new Finding(Verdict.FINE, subject, words, Optional.empty());
  }

  static Finding advice(String subject, String words, String remedy) {
    return new Finding(Verdict.ADVICE, subject, words, Optional.of(remedy));
  }

  static Finding missing(String subject, String words, String remedy) {
    return new Finding(Verdict.MISSING, subject, words, Optional.of(remedy));
  }
}
