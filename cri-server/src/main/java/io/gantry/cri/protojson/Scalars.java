package io.gantry.cri.protojson;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Base64;

/**
 * JSON values as numbers, flags, text and bytes. Numbers may be written as strings. Error texts
 * show numbers, which help to find the mistake, and never text, which may be a secret.
 */
final class Scalars {
  private static final BigInteger INT32_MIN = BigInteger.valueOf(Integer.MIN_VALUE);
  private static final BigInteger INT32_MAX = BigInteger.valueOf(Integer.MAX_VALUE);
  private static final BigInteger UINT32_MAX = BigInteger.valueOf(0xFFFF_FFFFL);
  private static final BigInteger INT64_MIN = BigInteger.valueOf(Long.MIN_VALUE);
  private static final BigInteger INT64_MAX = BigInteger.valueOf(Long.MAX_VALUE);
  private static final BigInteger UINT64_MAX =
      BigInteger.ONE.shiftLeft(Long.SIZE).subtract(BigInteger.ONE);

  /** No 64-bit integer has more digits; 1e999999999 must not be written out to find that out. */
  private static final int MAX_DIGITS = 20;

  private Scalars() {}

  static int int32(JsonNode json) throws ProtoJsonException {
    return integer(json, INT32_MIN, INT32_MAX, "a signed 32-bit integer").intValue();
  }

  static int uint32(JsonNode json) throws ProtoJsonException {
    return integer(json, BigInteger.ZERO, UINT32_MAX, "an unsigned 32-bit integer").intValue();
  }

  static long int64(JsonNode json) throws ProtoJsonException {
    return integer(json, INT64_MIN, INT64_MAX, "a signed 64-bit integer").longValue();
  }

  static long uint64(JsonNode json) throws ProtoJsonException {
    return integer(json, BigInteger.ZERO, UINT64_MAX, "an unsigned 64-bit integer").longValue();
  }

  private static BigInteger integer(JsonNode json, BigInteger min, BigInteger max, String wanted)
      throws ProtoJsonException {
    BigDecimal number = number(json, wanted);
    try {
      if ((long) number.precision() - number.scale() <= MAX_DIGITS) {
        BigInteger integer = number.toBigIntegerExact();
        if (integer.compareTo(min) >= 0 && integer.compareTo(max) <= 0) {
          return integer;
        }
      }
    } catch (ArithmeticException e) {
      // It has a fraction: the error below says what is wanted.
    }
    throw new ProtoJsonException(number + " is not " + wanted);
  }

  static double float64(JsonNode json) throws ProtoJsonException {
    if (json.isTextual()) {
      switch (json.textValue()) {
        case "NaN":
          return Double.NaN;
        case "Infinity":
          return Double.POSITIVE_INFINITY;
        case "-Infinity":
          return Double.NEGATIVE_INFINITY;
        default:
          break;
      }
    }
    if (json.isDouble() || json.isFloat()) {
      return json.doubleValue(); // keeps -0.0, which a BigDecimal has not
    }
    double value = number(json, "a number").doubleValue();
    if (Double.isInfinite(value)) {
      throw new ProtoJsonException(json.asText() + " is too large for a double");
    }
    return value;
  }

  static float float32(JsonNode json) throws ProtoJsonException {
    double wide = float64(json);
    float narrow = (float) wide;
    if (Float.isInfinite(narrow) && !Double.isInfinite(wide)) {
      throw new ProtoJsonException(wide + " is too large for a float");
    }
    return narrow;
  }

  private static BigDecimal number(JsonNode json, String wanted) throws ProtoJsonException {
    if (json.isNumber()) {
      if (!Double.isFinite(json.doubleValue()) && !json.isBigDecimal() && !json.isBigInteger()) {
        throw new ProtoJsonException(json.asText() + " is not " + wanted);
      }
      return json.decimalValue();
    }
    if (json.isTextual()) {
      try {
        return new BigDecimal(json.textValue());
      } catch (NumberFormatException e) {
        throw new ProtoJsonException("the text is not " + wanted);
      }
    }
    throw new ProtoJsonException(kind(json) + " is not " + wanted);
  }

  static boolean bool(JsonNode json) throws ProtoJsonException {
    if (!json.isBoolean()) {
      throw new ProtoJsonException(kind(json) + " is neither true nor false");
    }
    return json.booleanValue();
  }

  static String text(JsonNode json) throws ProtoJsonException {
    if (!json.isTextual()) {
      throw new ProtoJsonException(kind(json) + " is not a string");
    }
    return json.textValue();
  }

  /** Base64, in the standard or the URL-safe alphabet, padded or not. */
  static byte[] bytes(JsonNode json) throws ProtoJsonException {
    String standard = text(json).replace('-', '+').replace('_', '/');
    try {
      return Base64.getDecoder().decode(standard);
    } catch (IllegalArgumentException e) {
      throw new ProtoJsonException("the text is not base64");
    }
  }

  /** What kind of value it is, for error texts. */
  static String kind(JsonNode json) {
    return switch (json.getNodeType()) {
      case OBJECT -> "an object";
      case ARRAY -> "a list";
      case STRING -> "a string";
      case NUMBER -> "a number";
      case BOOLEAN -> "a boolean";
      case NULL -> "null";
      case MISSING -> "nothing";
      default -> "the value";
    };
  }
}
