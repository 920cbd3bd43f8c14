using System.Text;
using System.Text.Json.Nodes;
using Serverless.Core;
using Serverless.Data.Values;
using Serverless.Data.Yaml;

namespace Serverless.Data.Tests;

public sealed class YamlReaderTests
{
    public static TheoryData<string> Scalars =>
        [
            .. JsonNode
                .Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "golden/dvc/yaml_scalars.json")))!
                .AsArray()
                .Select(r => r!.ToJsonString()),
        ];

    [Theory]
    [MemberData(nameof(Scalars))]
    public void Scalars_are_what_DVC_reads(string row)
    {
        var expected = JsonNode.Parse(row)!;
        var yaml = expected["yaml"]!.GetValue<string>();
        if (expected["error"] is not null)
        {
            Assert.Throws<ServerlessException>(() => YamlReader.Parse(yaml, "f.yaml"));
            return;
        }

        var value = ((DataMap)YamlReader.Parse(yaml, "f.yaml"))["k"]!;
        Assert.Equal(expected["type"]!.GetValue<string>(), value.TypeName);
        Assert.Equal(expected["repr"]!.GetValue<string>(), PythonText.Repr(value));
    }

    [Theory]
    [InlineData("yes", "str")]
    [InlineData("on", "str")]
    [InlineData("1_000", "int")]
    [InlineData("0o17", "int")]
    [InlineData("0b11", "int")]
    [InlineData("0xg", "str")]
    [InlineData("1.2.3", "str")]
    [InlineData("1e", "str")]
    [InlineData(".5", "float")]
    [InlineData("-.5e+3", "float")]
    [InlineData(".NaN", "float")]
    [InlineData("+.inf", "float")]
    [InlineData(".", "str")]
    [InlineData("-", "NoneType")]
    [InlineData("2020-1-1", "str")]
    [InlineData("2020-01-01T10:00:00Z", "datetime")]
    [InlineData("2020-13-01", "str")]
    [InlineData("'2020-01-01'", "str")]
    [InlineData("\"null\"", "str")]
    [InlineData("~", "NoneType")]
    [InlineData("!!float 1", "float")]
    [InlineData("!!int '3'", "int")]
    [InlineData("!!binary aGk=", "bytes")]
    public void More_scalars(string text, string type)
    {
        var yaml = text == "-" ? "k: [~]" : "k: " + text;
        var value = ((DataMap)YamlReader.Parse(yaml, "f"))["k"]!;
        Assert.Equal(type, (value is DataList list ? list.Items[0] : value).TypeName);
    }

    [Fact]
    public void Every_value_knows_its_line()
    {
        var root = (DataMap)YamlReader.Parse("# comment\na: 1\nb:\n  - x\n  - {c: y}\n", "f");
        Assert.Equal(2, root.LineOf("a"));
        var list = (DataList)root["b"]!;
        Assert.Equal([4, 5], list.Items.Select(i => i.Line));
        Assert.Equal(3, root.LineOf("b"));
    }

    [Fact]
    public void Anchors_and_merge_keys()
    {
        var root = (DataMap)YamlReader.Parse("base: &b {x: 1, y: 2}\nmore: &m {y: 9, z: 3}\nd:\n  <<: [*b, *m]\n  x: 7\n", "f");
        Assert.Equal("{'x': 7, 'y': 2, 'z': 3}", PythonText.Repr(root["d"]!));
    }

    [Theory]
    [InlineData("a: 1\nb: 2\na: 3\n", 3, "duplicate key \"a\" (first on line 1)")]
    [InlineData("a:\n  b: [1, 2\nc: 3\n", 3, "")]
    [InlineData("a: b: c\n", 1, "")]
    [InlineData("a:\n\tb: 1\n", 2, "")]
    [InlineData("a: 'x\n", 1, "")]
    [InlineData("a: 1\n--- \nb: 2\n", 2, "single document")]
    [InlineData("a: *x\n", 1, "")]
    [InlineData("a: !foo 1\n", 1, "'!foo'")]
    [InlineData("a: !!int x\n", 1, "'x' is not a !!int")]
    [InlineData("? [a]\n: 1\n", 1, "single value")]
    [InlineData("a: &x [*x]\n", 1, "inside the value that it refers to")]
    public void Malformed_YAML_tells_line_and_fix(string yaml, int line, string what)
    {
        var d = Assert.Single(Assert.Throws<ServerlessException>(() => YamlReader.Parse(yaml, "f.yaml")).Diagnostics);
        Assert.Equal("f.yaml", d.File);
        Assert.InRange(d.Line, line - 1 < 1 ? 1 : line - 1, line + 1);
        Assert.Contains(what, d.Message, StringComparison.Ordinal);
        Assert.StartsWith("YAML file structure is corrupted", d.Message, StringComparison.Ordinal);
        Assert.NotNull(d.Fix);
    }

    [Fact]
    public void Merge_conflicts_are_called_so()
    {
        var d = Assert.Single(
            Assert
                .Throws<ServerlessException>(() => YamlReader.Parse("a: 1\n<<<<<<< HEAD\nb: 2\n=======\nb: 3\n>>>>>>> topic\n", "f"))
                .Diagnostics
        );
        Assert.Equal((2, "YAML file structure is corrupted: git merge conflict markers"), (d.Line, d.Message));
    }

    [Fact]
    public void Nesting_and_aliases_have_limits()
    {
        Assert.Contains(
            "nested",
            Assert.Throws<ServerlessException>(() => YamlReader.Parse(new string('[', 5000), "f")).Message,
            StringComparison.Ordinal
        );
        var bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
        for (var i = 1; i < 12; i++)
        {
            bomb.Append(
                System.Globalization.CultureInfo.InvariantCulture,
                $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 9))}]\n"
            );
        }

        Assert.Contains(
            "aliases repeat",
            Assert.Throws<ServerlessException>(() => YamlReader.Parse(bomb.ToString(), "f")).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void An_empty_document_is_null() =>
        Assert.All(["", "# only words\n", "---\n"], t => Assert.True(YamlReader.Parse(t, "f").IsNull));
}
