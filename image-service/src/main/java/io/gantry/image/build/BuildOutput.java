package io.gantry.image.build;

/** Where a build tells how far it has come. Thread-safe; may block while its reader is slow. */
public interface BuildOutput {
  /** What a person reads; a whole number of lines, or some of a program's output. */
  void words(String words);
}
