using System.Globalization;
using System.Text.Json.Nodes;
using Serverless.Data.Values;
using Serverless.Data.Yaml;

namespace Serverless.Data.Tests;

public sealed class PythonTextTests
{
    public static TheoryData<string, string> Floats
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (
                var row in JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "golden/dvc/floats.json")))!.AsArray()
            )
            {
                data.Add(row!["py_repr"]!.GetValue<string>(), row["json"]!.GetValue<string>());
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Floats))]
    public void Floats_are_written_as_Python_writes_them(string repr, string json)
    {
        var value = double.Parse(repr, CultureInfo.InvariantCulture);
        Assert.Equal(repr, PythonText.Float(value));
        Assert.Equal(json, PythonJson.Dump(DataScalar.Float(value)));
    }

    [Theory]
    [InlineData(0.0001, "0.0001")]
    [InlineData(0.00012345, "0.00012345")]
    [InlineData(0.00001, "1e-05")]
    [InlineData(1e15, "1000000000000000.0")]
    [InlineData(1234567890123456.0, "1234567890123456.0")]
    [InlineData(9999999999999998.0, "9999999999999998.0")]
    [InlineData(1e22, "1e+22")]
    [InlineData(5e-324, "5e-324")]
    [InlineData(0.1 + 0.2, "0.30000000000000004")]
    [InlineData(123.0, "123.0")]
    [InlineData(-1.5e-7, "-1.5e-07")]
    [InlineData(double.NaN, "nan")]
    [InlineData(double.NegativeInfinity, "-inf")]
    public void Floats_at_the_borders(double value, string repr) => Assert.Equal(repr, PythonText.Float(value));

    [Fact]
    public void Every_float_reads_back_as_itself()
    {
        var random = new Random(1);
        for (var i = 0; i < 20_000; i++)
        {
            var value = BitConverter.Int64BitsToDouble(random.NextInt64(long.MinValue, long.MaxValue));
            if (double.IsFinite(value))
            {
                var text = PythonText.Float(value);
                Assert.Equal(value, double.Parse(text, CultureInfo.InvariantCulture));
                Assert.Matches(@"^-?(\d+\.\d+|\d(\.\d+)?e[+-]\d{2,3})$", text);
            }
        }
    }

    [Theory]
    [InlineData("it's", "\"it's\"")]
    [InlineData("a\"b'c", "'a\"b\\'c'")]
    [InlineData("a\n\t\\\u0001", "'a\\n\\t\\\\\\x01'")]
    public void Text_is_quoted_as_Python_quotes_it(string text, string repr) => Assert.Equal(repr, PythonText.Repr(DataScalar.Text(text)));

    [Fact]
    public void Values_are_written_as_Python_writes_them() =>
        Assert.Equal(
            "{'a': [1, 2.0, None, True], 3: (1,), 'd': datetime.date(2020, 1, 2)}",
            PythonText.Repr(
                new DataMap([
                    new DataEntry(
                        DataScalar.Text("a"),
                        new DataList([DataScalar.Int(1), DataScalar.Float(2), DataScalar.Null(), DataScalar.Bool(true)])
                    ),
                    new DataEntry(DataScalar.Int(3), new DataList([DataScalar.Int(1)], kind: DataKind.Tuple)),
                    new DataEntry(DataScalar.Text("d"), DataScalar.Date(new DateOnly(2020, 1, 2))),
                ])
            )
        );

    [Fact]
    public void Json_is_what_json_dumps_writes() =>
        Assert.Equal(
            "{\"b\": [1, 1e-08, null, true], \"a\\u007f\\u00e9\\ud83d\\ude00\": \"x\\n\\\"\", \"1\": {}}",
            PythonJson.Dump(YamlReader.Parse("b: [1, 1.0e-8, null, true]\n\"a\\x7fé😀\": \"x\\n\\\"\"\n1: {}\n", "f"))
        );

    [Fact]
    public void Json_keys_are_sorted_by_code_point() =>
        Assert.Equal(
            "{\"B\": 1, \"a\": 2, \"\\uff5e\": 3, \"\\ud83d\\ude00\": 4}",
            PythonJson.Dump(YamlReader.Parse("😀: 4\na: 2\nB: 1\n～: 3\n", "f"), sortKeys: true)
        );

    [Fact]
    public void Json_elements_keep_what_Python_tells_apart() =>
        Assert.Equal(
            "[1000.0, 1000, 123456789012345678901234567890, \"NaN\", \"-Infinity\", \"2020-01-01\", \"2020-01-01T10:00:00+02:00\"]",
            PythonJson
                .ToElement(
                    YamlReader.Parse("[1e3, 1000, 123456789012345678901234567890, .nan, -.inf, 2020-01-01, 2020-01-01 10:00:00 +2]", "f")
                )
                .GetRawText()
        );
}
