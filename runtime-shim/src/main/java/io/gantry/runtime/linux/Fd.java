package io.gantry.runtime.linux;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.IntConsumer;

/**
 * An open file descriptor and the duty to close it.
 *
 * <p>Whoever holds an owned descriptor closes it, once or more often; later closes do nothing.
 * Thread-safe.
 */
public final class Fd implements AutoCloseable {
  /**
   * The directory that relative paths start from by default (AT_FDCWD); absolute paths ignore it.
   */
  public static final Fd CWD = new Fd(-100, null);

  private static final VarHandle NUMBER;

  static {
    try {
      NUMBER = MethodHandles.lookup().findVarHandle(Fd.class, "number", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private static final int CLOSED = -1;

  private final IntConsumer closer;
  private volatile int number;

  private Fd(int number, IntConsumer closer) {
    this.number = number;
    this.closer = closer;
  }

  /** A descriptor that {@code closer} closes when this object is closed. */
  public static Fd owned(int number, IntConsumer closer) {
    if (number < 0) {
      throw new IllegalArgumentException("descriptor " + number);
    }
    return new Fd(number, closer);
  }

  /**
   * A descriptor that belongs to someone else, such as 0, 1 or 2: closing this object does nothing.
   */
  public static Fd borrowed(int number) {
    if (number < 0) {
      throw new IllegalArgumentException("descriptor " + number);
    }
    return new Fd(number, null);
  }

  /**
   * The number the kernel knows it by.
   *
   * @throws IllegalStateException after {@link #close()} or {@link #release()}: the number may be
   *     another file's by then
   */
  public int number() {
    int current = number;
    if (current == CLOSED) {
      throw new IllegalStateException("the descriptor is closed");
    }
    return current;
  }

  /** Whether {@link #close()} or {@link #release()} was called. */
  public boolean isClosed() {
    return number == CLOSED;
  }

  /**
   * Gives up ownership: returns the number, which the caller must see closed, and counts as closed
   * from here on.
   */
  public int release() {
    int current = (int) NUMBER.getAndSet(this, CLOSED);
    if (current == CLOSED) {
      throw new IllegalStateException("the descriptor is closed");
    }
    return current;
  }

  @Override
  public void close() {
    if (closer == null) {
      return;
    }
    int current = (int) NUMBER.getAndSet(this, CLOSED);
    if (current != CLOSED) {
      closer.accept(current);
    }
  }

  @Override
  public String toString() {
    int current = number;
    if (current == -100) {
      return "AT_FDCWD";
    }
    return current == CLOSED ? "closed fd" : "fd " + current;
  }
}
