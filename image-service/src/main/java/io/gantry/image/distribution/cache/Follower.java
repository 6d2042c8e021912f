package io.gantry.image.distribution.cache;

import io.gantry.image.distribution.exchange.Content;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.OptionalInt;

/** Reads a blob while it arrives. Confined to one thread. */
public final class Follower implements Content.Source {

  private final Arrival arrival;
  private long position;
  private OptionalInt beginning = OptionalInt.empty();
  private boolean closed;

  Follower(Arrival arrival, long first) {
    this.arrival = arrival;
    this.position = first;
  }

  @Override
  public void read(ByteBuffer into) throws IOException {
    Arrival.Extent extent = arrival.await(position);
    if (beginning.isPresent() && extent.beginning() != beginning.getAsInt()) {
      throw new IOException("what came first was wrong, and it began anew");
    }
    beginning = OptionalInt.of(extent.beginning());
    into.limit((int) Math.min(into.limit(), into.position() + extent.end() - position));
    int count = arrival.read(into, position);
    if (count < 0) {
      throw new IOException("the blob became shorter while it was read");
    }
    position += count;
  }

  @Override
  public void close() throws IOException {
    if (!closed) {
      closed = true;
      arrival.leave();
    }
  }
}
