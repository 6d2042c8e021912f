package io.gantry.image.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProxyRulesTest {

  private static Optional<String> chosen(ProxyRules rules, String uri) {
    return rules.proxyFor(URI.create(uri)).map(ProxyAddress::toString);
  }

  private static ProxyRules without(String... exceptions) {
    return ProxyRules.of("http://p:1", "http://q:2", Arrays.asList(exceptions), Map.of());
  }

  @Test
  void eachScheme_hasItsProxy() {
    assertEquals(Optional.of("http://p:1"), chosen(without("x"), "http://example.com/v2"));
    assertEquals(Optional.of("http://q:2"), chosen(without("x"), "https://example.com/v2"));
  }

  @Test
  void environment_countsWhereTheConfigurationIsSilent_inEitherCase() {
    Map<String, String> environment =
        Map.of(
            "HTTPS_PROXY", "proxy:3128", "http_proxy", "http://[::1]", "no_proxy", "b.com, c.com");
    ProxyRules rules = ProxyRules.of("", "", List.of(), environment);
    assertEquals(Optional.of("http://proxy:3128"), chosen(rules, "https://a.com"));
    assertEquals(Optional.of("http://[::1]:80"), chosen(rules, "http://a.com"));
    assertEquals(Optional.empty(), chosen(rules, "https://c.com"));
    ProxyRules configured = ProxyRules.of("direct", "http://own:1", List.of("a.com"), environment);
    assertEquals(Optional.empty(), chosen(configured, "http://z.com"));
    assertEquals(Optional.of("http://own:1"), chosen(configured, "https://b.com"));
    assertEquals(Optional.empty(), chosen(configured, "https://a.com"));
  }

  @ParameterizedTest
  @CsvSource({
    "example.com, https://example.com, false",
    "example.com, https://a.example.com, false",
    "EXAMPLE.com, https://a.Example.COM, false",
    "example.com, https://badexample.com, true",
    ".example.com, https://example.com, true",
    ".example.com, https://a.example.com, false",
    "*.example.com, https://a.example.com, false",
    "example.com:8443, https://example.com:8443, false",
    "example.com:443, https://example.com, false",
    "example.com:8443, https://example.com, true",
    "10.0.0.0/8, https://10.1.2.3:5000, false",
    "10.0.0.0/8, https://11.1.2.3:5000, true",
    "10.0.0.0/8, https://ten.example.com, true",
    "fd00::/8, 'https://[fd12::1]:5000', false",
    "fd00::/8, 'https://[fe80::1]:5000', true",
    "192.0.2.7, https://192.0.2.7, false",
    "192.0.2.7:5000, https://192.0.2.7:5001, true",
    "2001:db8::1, 'https://[2001:db8::1]', false",
    "[2001:db8::1]:5000, 'https://[2001:db8::1]:5000', false",
    "*, https://anything, false",
    "nonsense/x, https://anything, true",
    "x, http://localhost:5000, false",
    "x, http://127.0.0.2:5000, false",
    "x, 'http://[::1]:5000', false",
  })
  void exceptions_areThoseOfNoProxy(String exception, String uri, boolean proxied) {
    assertEquals(proxied, chosen(without(exception), uri).isPresent());
  }

  @Test
  void password_goesIntoTheHeader_andNowhereElse() {
    ProxyRules rules = ProxyRules.of("http://ann:se%40cret@p:1", "direct", List.of("x"), Map.of());
    ProxyAddress proxy = rules.proxyFor(URI.create("http://a.com")).orElseThrow();
    // ann:se@cret
    assertEquals(Optional.of("Basic YW5uOnNlQGNyZXQ="), proxy.authorization());
    assertEquals("http://p:1", proxy.toString());
    assertFalse(rules.toString().contains("cret"), rules.toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"socks5://u:cret@p:1", "https://u:cret@p", "http://u:cret@", "http://u:cret@a b"})
  void otherForms_areRefused_withoutTheSecret(String proxy) {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> ProxyRules.of("", "", List.of(), Map.of("HTTP_PROXY", proxy)));
    assertFalse(e.getMessage().contains("cret"), e.getMessage());
    assertEquals(true, e.getMessage().startsWith("the environment's HTTP_PROXY"), e.getMessage());
  }
}
