using System.Text;
using Serverless.Core;
using Serverless.Data.Params;
using Serverless.Data.Values;

namespace Serverless.Data.Tests;

public sealed class ParamsFileTests
{
    [Theory]
    [InlineData("BOOL = True", "{'BOOL': True}")]
    [InlineData("INT = 5", "{'INT': 5}")]
    [InlineData("FLOAT = 0.001", "{'FLOAT': 0.001}")]
    [InlineData("STR = 'abc'", "{'STR': 'abc'}")]
    [InlineData("DICT = {'a': 1, 'b': 2}", "{'DICT': {'a': 1, 'b': 2}}")]
    [InlineData("LIST = [1, 2, 3]", "{'LIST': [1, 2, 3]}")]
    [InlineData("SET = {1, 2, 3}", "{'SET': {1, 2, 3}}")]
    [InlineData("TUPLE = (10, 100)", "{'TUPLE': (10, 100)}")]
    [InlineData("T = 1, 'x',", "{'T': (1, 'x')}")]
    [InlineData("ONE = (1)", "{'ONE': 1}")]
    [InlineData("ONE = (1,)", "{'ONE': (1,)}")]
    [InlineData("NONE = None", "{'NONE': None}")]
    [InlineData("UNARY_OP = -1", "{'UNARY_OP': -1}")]
    [InlineData("X: int = +1_000", "{'X': 1000}")]
    [InlineData("X: dict[str, int] = {}", "{'X': {}}")]
    [InlineData("X: int", "{}")]
    [InlineData("A = 0x1F; B = 0b11; C = 1e-3; D = 5.; E = .5", "{'A': 31, 'B': 3, 'C': 0.001, 'D': 5.0, 'E': 0.5}")]
    [InlineData("S = 'a' \"b\" r'\\n' # tail", "{'S': 'ab\\\\n'}")]
    [InlineData("S = '''a\n'b' # no comment\n'''", "{'S': \"a\\n'b' # no comment\\n\"}")]
    [InlineData("S = 'tab\\t\\x41\\u00e9\\101'", "{'S': 'tab\\tAéA'}")]
    [InlineData("L = [\n  1,  # one\n  2,\n]\nM = \\\n  3", "{'L': [1, 2], 'M': 3}")]
    [InlineData("CONSTRUCTOR = dict(a=1, b=2)", "{}")]
    [InlineData("SUM = 1 + 2", "{}")]
    [InlineData("A = B = 1", "{}")]
    [InlineData("A, B = 1, 2", "{}")]
    [InlineData("A = f'{x}'", "{}")]
    [InlineData("A += 1\nA == 1\nprint('x = 1')", "{}")]
    [InlineData("other.x = 1\nself.y = 2", "{'y': 2}")]
    [InlineData("if True:\n    A = 1\nfor x in y: B = 2", "{}")]
    [InlineData("def f():\n    A = 1\nclass C(Base): X = 1; Y = 2", "{'C': {'X': 1, 'Y': 2}}")]
    [InlineData("class A:\n  class B:\n    x = 1\n  y = 2\nz = 3", "{'A': {'B': {'x': 1}, 'y': 2}, 'z': 3}")]
    [InlineData(
        "class TrainConfig:\n    EPOCHS = 70\n    def __init__(self, a: int = 3) -> None:\n        self.layers = 5\n        "
            + "self.layers = 9  # the last one\n        bar = 3\n        if x:\n            self.no = 1\n    def other(self):\n        "
            + "self.z = 1\n",
        "{'TrainConfig': {'EPOCHS': 70, 'layers': 9}}"
    )]
    public void Python_literals_are_read_by_DVCs_rules(string source, string expected) =>
        Assert.Equal(expected, PythonText.Repr(ParamsFile.Parse(source, "params.py")));

    [Theory]
    [InlineData("x = [1,\ny = 2\n", 1, "'[' was never closed")]
    [InlineData("a = 1\nx = 'abc\n", 2, "unterminated string")]
    [InlineData("a = 1)\n", 1, "unmatched ')'")]
    public void Broken_Python_tells_its_line(string source, int line, string what)
    {
        var d = Assert.Single(Assert.Throws<ServerlessException>(() => ParamsFile.Parse(source, "c.py")).Diagnostics);
        Assert.Equal(("c.py", line), (d.File, d.Line));
        Assert.Contains(what, d.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Json_is_read_as_Python_reads_it()
    {
        var root = ParamsFile.Parse(
            "{\"k\": {\"n\": 1.50},\n \"z\": 2, \"z\": 3, \"e\": 1e5, \"x\": NaN, \"s\": \"\\u00e9\\n\", \"l\": [], \"big\": "
                + "123456789012345678901}",
            "x.json"
        );
        Assert.Equal(
            "{'k': {'n': 1.5}, 'z': 3, 'e': 100000.0, 'x': nan, 's': 'é\\n', 'l': [], 'big': 123456789012345678901}",
            PythonText.Repr(root)
        );
        Assert.Equal(2, ((DataMap)root).LineOf("e"));
    }

    [Theory]
    [InlineData("{\"a\": 1,\n \"b\": 2,}", 2)]
    [InlineData("{'a': 1}", 1)]
    [InlineData("{\"a\": 01}", 1)]
    [InlineData("{\"a\": 1} x", 1)]
    [InlineData("{\"a\"\n: tru}", 2)]
    [InlineData("[1, 2", 1)]
    [InlineData("{\"a\": \"x\ny\"}", 1)]
    public void Broken_Json_tells_its_line(string source, int line)
    {
        var d = Assert.Single(Assert.Throws<ServerlessException>(() => ParamsFile.Parse(source, "x.json")).Diagnostics);
        Assert.Equal(line, d.Line);
        Assert.StartsWith("JSON file structure is corrupted", d.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Toml_is_read()
    {
        var root = ParamsFile.Parse(
            "a = 1\nd = 1979-05-27\nt = 07:32:00\n[sec]\nv = 3\nw = 1e3\nl = [1, 2.5]\n[[x]]\ny = true\n",
            "y.toml"
        );
        Assert.Equal(
            "{'a': 1, 'd': datetime.date(1979, 5, 27), 't': datetime.time(7, 32), 'sec': {'v': 3, 'w': 1000.0, 'l': [1, 2.5]}, 'x': "
                + "[{'y': True}]}",
            PythonText.Repr(root)
        );
    }

    [Fact]
    public void Broken_Toml_tells_its_line()
    {
        var d = Assert.Single(Assert.Throws<ServerlessException>(() => ParamsFile.Parse("a = 1\nb = \n", "y.toml")).Diagnostics);
        Assert.Equal(2, d.Line);
        Assert.StartsWith("TOML file structure is corrupted", d.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("p.yaml", "")]
    [InlineData("p.json", "null")]
    [InlineData("p.yaml", "0")]
    [InlineData("p.py", "")]
    public void Nothing_is_an_empty_map(string file, string text) => Assert.Equal("{}", PythonText.Repr(ParamsFile.Parse(text, file)));

    [Theory]
    [InlineData("a.b.0.c", "5")]
    [InlineData("a.b", "[{'c': 5}]")]
    [InlineData("2021", "'year'")]
    [InlineData("a.b.1", null)]
    [InlineData("a.b.0.c.d", null)]
    [InlineData("nothing", null)]
    public void Values_are_found_by_path(string path, string? expected)
    {
        var found = ParamsFile.Find(ParamsFile.Parse("a: {b: [{c: 5}]}\n2021: year\n", "p.yaml"), path);
        Assert.Equal(expected, found is null ? null : PythonText.Repr(found));
    }

    [Fact]
    public void Files_must_be_utf8_and_may_have_a_mark()
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, [.. Encoding.UTF8.GetPreamble(), .. "a: é"u8]);
            Assert.Equal("{'a': 'é'}", PythonText.Repr(ParamsFile.Read(path, "p.yaml")));
            File.WriteAllBytes(path, [.. "a: 1\nb: "u8, 0xE9, (byte)'\n']);
            var d = Assert.Single(Assert.Throws<ServerlessException>(() => ParamsFile.Read(path, "p.yaml")).Diagnostics);
            Assert.Equal((2, "the file is not valid utf-8"), (d.Line, d.Message));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_missing_file_is_named() =>
        Assert.Contains(
            "'p.yaml' does not exist",
            Assert.Throws<ServerlessException>(() => ParamsFile.Read("/no/such/file", "p.yaml")).Message,
            StringComparison.Ordinal
        );
}
