package io.gantry.tests.cri;

import com.google.protobuf.ByteString;
import io.gantry.proto.v1.LayerArchiveChunk;
import io.gantry.proto.v1.PathStat;
import io.gantry.proto.v1.ReadArchiveRequest;
import io.gantry.proto.v1.WriteArchiveRequest;
import io.gantry.proto.v1.WriteArchiveResponse;
import io.gantry.proto.v1.WriteArchiveStart;
import io.gantry.tests.tools.Patience;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** Archives to and from layers, and what is in them. */
public final class LayerTalk {
  private static final int CHUNK_BYTES = 32 << 10;
  private static final long LIMIT_SECONDS = 60;

  private LayerTalk() {}

  /** An archive that came, and what was said of its path. */
  public record Read(PathStat stat, byte[] archive) {
    /** The content of files by their names, the target of links behind an arrow. */
    public Map<String, String> members() {
      return LayerTalk.members(archive);
    }
  }

  public static Read read(ExtensionClient client, ReadArchiveRequest request) {
    Iterator<LayerArchiveChunk> chunks = client.layers().readArchive(request);
    PathStat stat = chunks.next().getStat();
    return new Read(stat, bytes(chunks));
  }

  /** All that chunks carry. */
  public static byte[] bytes(Iterator<LayerArchiveChunk> chunks) {
    ByteArrayOutputStream archive = new ByteArrayOutputStream();
    chunks.forEachRemaining(chunk -> archive.writeBytes(chunk.getData().toByteArray()));
    return archive.toByteArray();
  }

  public static Map<String, String> members(byte[] archive) {
    Map<String, String> members = new LinkedHashMap<>();
    try (TarArchiveInputStream tar =
        new TarArchiveInputStream(new ByteArrayInputStream(archive), "UTF-8")) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        members.put(
            entry.getName(),
            entry.isSymbolicLink()
                ? "-> " + entry.getLinkName()
                : new String(((InputStream) tar).readAllBytes(), StandardCharsets.UTF_8));
      }
      return members;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Unpacks an archive into a layer.
   *
   * @throws io.grpc.StatusRuntimeException as the daemon says
   */
  public static void write(ExtensionClient client, WriteArchiveStart start, byte[] archive) {
    CompletableFuture<WriteArchiveResponse> answer = new CompletableFuture<>();
    StreamObserver<WriteArchiveRequest> to =
        client
            .layersLater()
            .writeArchive(
                new StreamObserver<>() {
                  @Override
                  public void onNext(WriteArchiveResponse response) {
                    answer.complete(response);
                  }

                  @Override
                  public void onError(Throwable failure) {
                    answer.completeExceptionally(failure);
                  }

                  @Override
                  public void onCompleted() {
                    answer.completeExceptionally(new AssertionError("no answer"));
                  }
                });
    to.onNext(WriteArchiveRequest.newBuilder().setStart(start).build());
    for (int at = 0; at < archive.length; at += CHUNK_BYTES) {
      int count = Math.min(CHUNK_BYTES, archive.length - at);
      ByteString data = ByteString.copyFrom(archive, at, count);
      to.onNext(WriteArchiveRequest.newBuilder().setData(data).build());
    }
    to.onCompleted();
    try {
      answer.get(Patience.seconds(LIMIT_SECONDS), TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException told) {
        throw told;
      }
      throw new AssertionError(e);
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError("no answer to an archive", e);
    }
  }

  /** Makes an archive. */
  public static final class Archive {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes, "UTF-8");

    public Archive file(String name, String content) {
      TarArchiveEntry entry = new TarArchiveEntry(name);
      byte[] text = content.getBytes(StandardCharsets.UTF_8);
      entry.setSize(text.length);
      entry.setIds(4001, 4002);
      return add(entry, text);
    }

    public Archive directory(String name) {
      return add(new TarArchiveEntry(name + "/"), new byte[0]);
    }

    public Archive link(String name, String target) {
      TarArchiveEntry entry = new TarArchiveEntry(name, TarArchiveEntry.LF_SYMLINK);
      entry.setLinkName(target);
      return add(entry, new byte[0]);
    }

    private Archive add(TarArchiveEntry entry, byte[] content) {
      try {
        tar.putArchiveEntry(entry);
        tar.write(content);
        tar.closeArchiveEntry();
        return this;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    public byte[] bytes() {
      try {
        tar.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return bytes.toByteArray();
    }
  }
}
