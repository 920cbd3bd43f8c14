using Serverless.Core;
using Serverless.Data.Params;
using Serverless.Data.Values;

namespace Serverless.Data.Tests;

public sealed class BrokenFileTests
{
    private static readonly string[] Pieces =
    [
        "[",
        "]",
        "{",
        "}",
        "(",
        ")",
        "'",
        "\"",
        "'''",
        "\\",
        "\n",
        "  ",
        ":",
        ",",
        "=",
        "-",
        "+",
        ".",
        "e",
        "0x",
        "0",
        "9999999999",
        "\\u12",
        "\\x",
        "#",
        "*",
        "&a",
        "!",
        "<<",
        "\t",
        "_",
        "j",
        "\0",
        "é",
        "\ud83d",
    ];

    /// <summary>Whatever stands in a file: it is read, or told what is wrong with it.</summary>
    [Theory]
    [InlineData(
        "p.yaml",
        "a: {b: [1, 2.5, x], c: &k {d: null}}\ne:\n  - <<: *k\n  - |\n    text\n  - !!int '3'\n  - 2020-01-01 10:00:00\n"
    )]
    [InlineData("p.json", "{\"a\": {\"b\": [1, -2.5e3, \"x\\n\\u00e9\"], \"c\": null}, \"d\": [true, false, NaN]}")]
    [InlineData("p.toml", "a = 1\n[b]\nc = [1, 2.5]\nd = \"x\\n\"\n[[e]]\nf = 1979-05-27T07:32:00Z\n[[e]]\ng = {h = 'i'}\n")]
    [InlineData(
        "p.py",
        "A = {'a': [1, -2.5e3, r'x\\n' \"y\"], 'b': (None, {1, 2})}\nclass B(C):\n    d: int = 0x1F; e = '''t\n'''\n    def "
            + "__init__(self):\n        self.f = \\\n            True\n"
    )]
    public void No_file_breaks_its_reader(string file, string text)
    {
        Assert.NotEqual("{}", PythonText.Repr(ParamsFile.Parse(text, file)));
        var random = new Random(11);
        for (var i = 0; i < 1500; i++)
        {
            var broken = text;
            for (var edits = random.Next(1, 5); edits > 0; edits--)
            {
                var at = random.Next(broken.Length);
                broken = broken[..at] + Pieces[random.Next(Pieces.Length)] + broken[Math.Min(broken.Length, at + random.Next(3))..];
            }

            try
            {
                var node = ParamsFile.Parse(broken, file);
                PythonText.Repr(node);
                PythonJson.ToElement(node);
            }
            catch (ServerlessException wrong)
            {
                Assert.True(Assert.Single(wrong.Diagnostics).Line > 0, $"{wrong.Message}\n{broken}");
            }
            catch (Exception e) when (e is not Xunit.Sdk.XunitException)
            {
                Assert.Fail($"{e}\n{broken}");
            }
        }
    }
}
