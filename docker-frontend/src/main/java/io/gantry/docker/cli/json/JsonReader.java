package io.gantry.docker.cli.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads values one after another, as each is there: answers of the Engine API go on for hours. */
public final class JsonReader implements Closeable {
  private final JsonParser parser;

  /** Closing the reader closes the stream. */
  public JsonReader(InputStream in) throws IOException {
    parser = new JsonFactory().createParser(in);
  }

  static Json read(String document) throws JsonFailure {
    byte[] bytes = document.getBytes(StandardCharsets.UTF_8);
    try (JsonReader reader = new JsonReader(new ByteArrayInputStream(bytes))) {
      return reader.next().orElse(Json.NULL);
    } catch (JsonFailure e) {
      throw e;
    } catch (IOException e) {
      throw new JsonFailure(e.getMessage(), e); // of a text in memory
    }
  }

  /** The next value; empty at the end of the stream. */
  public Optional<Json> next() throws IOException {
    try {
      JsonToken token = parser.nextToken();
      return token == null ? Optional.empty() : Optional.of(value(token));
    } catch (JsonProcessingException e) {
      throw new JsonFailure("no JSON: " + e.getOriginalMessage(), e);
    }
  }

  private Json value(JsonToken token) throws IOException {
    switch (token) {
      case START_OBJECT:
        Map<String, Json> fields = new LinkedHashMap<>();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
          String name = parser.currentName();
          fields.put(name, value(parser.nextToken()));
        }
        return Json.object(fields);
      case START_ARRAY:
        List<Json> items = new ArrayList<>();
        for (JsonToken each = parser.nextToken();
            each != JsonToken.END_ARRAY;
            each = parser.nextToken()) {
          items.add(value(each));
        }
        return Json.array(items);
      case VALUE_TRUE:
        return Json.TRUE;
      case VALUE_FALSE:
        return Json.FALSE;
      case VALUE_NUMBER_INT:
      case VALUE_NUMBER_FLOAT:
        return Json.number(parser.getText());
      case VALUE_STRING:
        return Json.of(parser.getText());
      default:
        return Json.NULL;
    }
  }

  @Override
  public void close() throws IOException {
    parser.close();
  }
}
