package io.gantry.docker.cli.template;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.docker.cli.json.Json;
import io.gantry.docker.cli.json.JsonFailure;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TemplateTest {
  private static final String DOCUMENT =
      """
      {"Name":"web","Count":3,"Zero":0,"Big":12345678901,"Ratio":1.5,"On":true,"Off":false,"Nothing":null,"Empty":"",
      "List":["a","b","c"],"None":[],"Map":{"z":"1","y":"2"},"State":{"Running":true,"Pid":42},
      "Ports":{"80/tcp":[{"HostIp":"0.0.0.0","HostPort":"8080"}],"443/tcp":null}}
      """;

  private static String fill(String template) throws TemplateFailure, JsonFailure {
    return Template.parse(template).fill(Fields.of(Json.parse(DOCUMENT)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '#',
      quoteCharacter = '~',
      value = {
        "{{.Name}} # web",
        "a{{.Name}}b{{.Count}}c # awebb3c",
        "{{ .State.Pid }} # 42",
        "{{.Big}} # 12345678901",
        "{{.List}} # [a b c]",
        "{{.Map}} # map[y:2 z:1]",
        "{{.Nothing}} # <no value>",
        "{{json .State}} # {\"Running\":true,\"Pid\":42}",
        "{{json .Name}} # \"web\"",
        "{{.State | json}} # {\"Running\":true,\"Pid\":42}",
        "{{json .}} #"
            + " {\"Name\":\"web\",\"Count\":3,\"Zero\":0,\"Big\":12345678901,\"Ratio\":1.5,\"On\":true,\"Off\":false,\"Nothing\":null,\"Empty\":\"\",\"List\":[\"a\",\"b\",\"c\"],\"None\":[],\"Map\":{\"z\":\"1\",\"y\":\"2\"},\"State\":{\"Running\":true,\"Pid\":42},\"Ports\":{\"80/tcp\":[{\"HostIp\":\"0.0.0.0\",\"HostPort\":\"8080\"}],\"443/tcp\":null}}",
        "{{upper .Name}} {{lower \"ABC\"}} {{title .Name}} # WEB abc Web",
        "{{join .List \",\"}} # a,b,c",
        "{{index .List 1}} {{index .Map \"y\"}} # b 2",
        "{{(index (index .Ports \"80/tcp\") 0).HostPort}} # 8080",
        "{{range .List}}<{{.}}>{{end}} # <a><b><c>",
        "{{range $i, $v := .List}}{{$i}}={{$v}};{{end}} # 0=a;1=b;2=c;",
        "{{range $k, $v := .Map}}{{$k}}={{$v}};{{end}} # y=2;z=1;",
        "{{range .None}}x{{else}}none{{end}} # none",
        "{{range $p, $conf := .Ports}}{{$p}} -> {{if $conf}}{{(index $conf"
            + " 0).HostPort}}{{else}}-{{end}};{{end}} # 443/tcp -> -;80/tcp -> 8080;",
        "{{if .On}}yes{{else}}no{{end}} # yes",
        "{{if .Off}}a{{else if .Count}}b{{else}}c{{end}} # b",
        "{{if and .On (eq .Name \"web\")}}both{{end}} # both",
        "{{if or .Off .Empty}}x{{else}}neither{{end}} # neither",
        "{{if not .Zero}}zero{{end}} # zero",
        "{{if .NoSuchField}}x{{else}}missing{{end}} # missing",
        "{{if .NoSuch.Field}}x{{else}}missing{{end}} # missing",
        "{{with .State}}{{.Pid}}{{end}} # 42",
        "{{with $x := .Count}}{{$x}}{{end}} # 3",
        "{{$n := .Name}}{{range .List}}{{$n}}{{end}} # webwebweb",
        "{{range .List}}{{$.Name}}{{end}} # webwebweb",
        "{{eq .Count 3}} {{ne .Count 3}} {{lt .Count 4}} {{ge .Ratio 1.5}} # true false true true",
        "{{len .List}} {{len .Name}} {{len .Map}} # 3 3 2",
        "{{range split \"x:y\" \":\"}}[{{.}}]{{end}} # [x][y]",
        "{{truncate .Name 2}} # we",
        "{{printf \"%s-%d %5s|%-5s|%05d %q %v\" .Name .Count \"r\" \"l\" 42 \"q\" .List}} # web-3  "
            + "   r|l    |00042 \"q\" [a b c]",
        "{{slice .Name 0 2}} {{pad .Name 1 1}}. # we  web .",
        "a {{- .Name -}} b # awebb",
        "{{/* nothing */}}x # x",
        "{{`raw`}} # raw",
        "{{println .Name .Count}} # ~web 3\n~",
      })
  void templates_areFilledInAsGoDoes(String template, String expected)
      throws TemplateFailure, JsonFailure {
    assertEquals(expected, fill(template));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{{.Name",
        "{{if .On}}x",
        "{{end}}",
        "{{range}}{{end}}",
        "{{nosuch .Name}}",
        "{{\"open}}",
        "{{.Name | }}",
        "{{(.Name}}",
        "{{template \"x\"}}",
        "{{}}",
        "{{.A..B}}"
      })
  void whatIsNoTemplate_isRefused(String template) {
    TemplateFailure failure = assertThrows(TemplateFailure.class, () -> fill(template));

    assertTrue(
        failure.getMessage().startsWith("template parsing error: template: :1: "),
        failure.getMessage());
  }

  @Test
  void fieldThatIsNotThere_isNamed() {
    TemplateFailure failure = assertThrows(TemplateFailure.class, () -> fill("{{.State.Pidd}}"));

    assertEquals(
        "template: :1: executing \"\" at <.State.Pidd>: map has no entry for key \"Pidd\"",
        failure.getMessage());
  }
}
