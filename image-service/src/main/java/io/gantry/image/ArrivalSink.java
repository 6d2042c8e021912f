package io.gantry.image;

import io.gantry.image.content.Arrival;
import io.gantry.image.registry.BlobSink;
import io.gantry.image.work.Cancellation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/** Lets the registry client fill an arriving blob. */
record ArrivalSink(Arrival arrival) implements BlobSink {

  @Override
  public Optional<Part> part(long mostBytes) throws IOException {
    return arrival.part(mostBytes).map(ArrivalPart::new);
  }

  @Override
  public long received() {
    return arrival.received();
  }

  @Override
  public void complete(Cancellation cancellation) throws IOException {
    arrival.commit(cancellation);
  }

  @Override
  public void reset() throws IOException {
    arrival.reset();
  }

  private record ArrivalPart(Arrival.Part part) implements Part {
    @Override
    public long at() {
      return part.at();
    }

    @Override
    public long end() {
      return part.end();
    }

    @Override
    public void write(ByteBuffer bytes) throws IOException {
      part.write(bytes);
    }

    @Override
    public void close() {
      part.close();
    }
  }
}
