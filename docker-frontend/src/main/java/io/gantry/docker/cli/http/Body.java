package io.gantry.docker.cli.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** What a request carries. */
public interface Body {
  String contentType();

  /** In bytes, or negative if it shows only at the end: then it goes in chunks. */
  long length();

  void writeTo(OutputStream out) throws IOException;

  static Body json(String document) {
    return new Bytes("application/json", document.getBytes(StandardCharsets.UTF_8));
  }

  static Body bytes(String contentType, byte[] content) {
    return new Bytes(contentType, content);
  }

  /** A stream of unknown length; it is not closed. */
  static Body stream(String contentType, InputStream content) {
    return new Stream(contentType, content);
  }

  /** Bytes in memory. */
  record Bytes(String contentType, byte[] content) implements Body {
    @Override
    public long length() {
      return content.length;
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
      out.write(content);
    }
  }

  /** What is left of a stream. */
  record Stream(String contentType, InputStream content) implements Body {
    @Override
    public long length() {
      return -1;
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
      content.transferTo(out);
    }
  }
}
