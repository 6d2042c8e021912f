package io.gantry.cri.state;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;

/**
 * How one kind of record looks as JSON. Implementations are stateless.
 *
 * @param <T> the record's type
 */
public interface RecordFormat<T> {
  /** The kind's name in documents, so that a file in the wrong directory is noticed: "pod". */
  String kind();

  /** The version written. Changes when older readers would misread; see {@link #read}. */
  int version();

  JsonNode write(T record) throws IOException;

  /**
   * Reads a record of this version or an older one.
   *
   * @param version the document's, from 1 to {@link #version()}
   * @throws IOException if the document is no record of this kind; the file is set aside
   */
  T read(JsonNode document, int version) throws IOException;
}
