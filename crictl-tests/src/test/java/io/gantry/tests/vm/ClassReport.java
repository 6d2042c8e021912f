package io.gantry.tests.vm;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/**
 * The report of one class in the XML that surefire writes. The class's name there begins with a
 * word for where it ran, so that the same tests elsewhere remain apart.
 */
final class ClassReport {

  private record Test(String name, double seconds, Ending ending) {}

  private final String where;
  private final String className;
  private final List<Test> tests = new ArrayList<>();

  ClassReport(String where, String className) {
    this.where = where;
    this.className = className;
  }

  String shortName() {
    return className.substring(className.lastIndexOf('.') + 1);
  }

  void add(String name, double seconds, Ending ending) {
    tests.add(new Test(name, seconds, ending));
  }

  int tests() {
    return tests.size();
  }

  int failures() {
    return (int) tests.stream().filter(test -> test.ending() instanceof Ending.Failed).count();
  }

  int skipped() {
    return (int) tests.stream().filter(test -> test.ending() instanceof Ending.Skipped).count();
  }

  /** Writes {@code TEST-<where>.<class>.xml} there. */
  void write(Path directory) throws IOException {
    Path file = directory.resolve("TEST-" + where + "." + className + ".xml");
    try (Writer writer = Files.newBufferedWriter(file, StandardCharsets.UTF_8)) {
      XMLStreamWriter xml = XMLOutputFactory.newInstance().createXMLStreamWriter(writer);
      xml.writeStartDocument("UTF-8", "1.0");
      xml.writeStartElement("testsuite");
      xml.writeAttribute("name", where + "." + className);
      xml.writeAttribute("tests", Integer.toString(tests()));
      xml.writeAttribute("errors", "0");
      xml.writeAttribute("failures", Integer.toString(failures()));
      xml.writeAttribute("skipped", Integer.toString(skipped()));
      xml.writeAttribute("time", seconds(tests.stream().mapToDouble(Test::seconds).sum()));
      for (Test test : tests) {
        write(test, xml);
      }
      xml.writeEndElement();
      xml.writeEndDocument();
      xml.close();
    } catch (XMLStreamException e) {
      throw new IOException("write " + file, e);
    }
  }

  private void write(Test test, XMLStreamWriter xml) throws XMLStreamException {
    xml.writeStartElement("testcase");
    xml.writeAttribute("name", allowed(test.name()));
    xml.writeAttribute("classname", where + "." + className);
    xml.writeAttribute("time", seconds(test.seconds()));
    if (test.ending() instanceof Ending.Skipped skipped) {
      xml.writeStartElement("skipped");
      xml.writeAttribute("message", allowed(skipped.reason()));
      xml.writeEndElement();
    } else if (test.ending() instanceof Ending.Failed failed) {
      xml.writeStartElement("failure");
      xml.writeAttribute("message", allowed(String.valueOf(failed.cause().getMessage())));
      xml.writeAttribute("type", failed.cause().getClass().getName());
      xml.writeCharacters(allowed(stack(failed.cause())));
      xml.writeEndElement();
    }
    xml.writeEndElement();
  }

  private static String seconds(double seconds) {
    return String.format(Locale.ROOT, "%.3f", seconds);
  }

  private static String stack(Throwable cause) {
    StringWriter text = new StringWriter();
    cause.printStackTrace(new PrintWriter(text));
    return text.toString();
  }

  /** The text without what XML 1.0 cannot hold (section 2.2), such as a terminal's escapes. */
  private static String allowed(String text) {
    StringBuilder kept = new StringBuilder(text.length());
    text.codePoints()
        .map(
            c ->
                c == '\t'
                        || c == '\n'
                        || (c >= ' ' && c < 0xD800)
                        || (c >= 0xE000 && c < 0xFFFE)
                        || c > 0xFFFF
                    ? c
                    : '?')
        .forEach(kept::appendCodePoint);
    return kept.toString();
  }
}
