using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using Serverless.Core;
using Serverless.Data.Params;
using Serverless.Data.Yaml;

namespace Serverless.Data.Tests;

/// <summary>Texts that were made to end the process that reads them, or to keep it busy.</summary>
public sealed partial class HostileTextTests
{
    public static TheoryData<string, string> Texts =>
        new()
        {
            { "a map that is a key in itself", "? &a {? *a : 1}" },
            { "a list in a list", string.Concat(Enumerable.Repeat("- ", 100_000)) },
            { "brackets", new string('[', 100_000) },
            { "braces", new string('{', 100_000) },
            { "keys", string.Concat(Enumerable.Repeat("? ", 100_000)) },
            { "brackets on lines", string.Concat(Enumerable.Repeat("[\n", 100_000)) },
            { "an alias of its own anchor", "&a [*a]" },
            { "aliases of aliases", Laughs(12) },
            { "a file that is too long", "a: " + new string('x', YamlReader.MostBytes) },
        };

    [Theory]
    [MemberData(nameof(Texts))]
    public void Yaml_that_is_made_to_harm_is_refused(string what, string text)
    {
        Assert.NotEmpty(what);
        var clock = Stopwatch.StartNew();

        var e = Assert.Throws<ServerlessException>(() => YamlReader.Parse(text, "MLmodel"));

        Assert.Contains("MLmodel", e.Message);
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void Yaml_of_very_many_keys_and_digits_is_read_in_time()
    {
        var clock = Stopwatch.StartNew();
        var keys = new StringBuilder();
        for (var i = 0; i < 200_000; i++)
        {
            keys.Append('k').Append(i).Append(": 1\n");
        }

        YamlReader.Parse(keys.ToString(), "a.yaml");
        Assert.Equal(1_000_000, YamlReader.Parse(new string('9', 1_000_000), "a.yaml").AsText!.Length);

        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(15));
    }

    [Theory]
    [InlineData("params.toml")]
    [InlineData("params.json")]
    [InlineData("params.py")]
    public void Other_formats_have_a_depth_as_well(string file)
    {
        var open = new string('[', 100_000);

        Assert.Throws<ServerlessException>(() => ParamsFile.Parse((file.EndsWith("json") ? "" : "a = ") + open, file));
        if (file.EndsWith("toml"))
        {
            var keys = string.Concat(Enumerable.Repeat("a.", 100_000));
            Assert.Throws<ServerlessException>(() => ParamsFile.Parse($"{keys}b = 1", file));
            Assert.Throws<ServerlessException>(() => ParamsFile.Parse($"[{keys}b]", file));
            ParamsFile.Parse($"a = \"{new string('.', 500)}\"\nb = [\n{string.Join(", ", Enumerable.Repeat("1.5", 500))}\n]", file);
        }
    }

    /// <summary>Only the guarded reader parses YAML; elsewhere the library may at most write.</summary>
    [Fact]
    public void Nothing_else_reads_yaml()
    {
        var root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "Serverless.sln")))
        {
            root = Path.GetDirectoryName(root)!;
        }

        var guarded = Path.Combine(root, "src", "Serverless.Data", "Yaml") + Path.DirectorySeparatorChar;
        var wrong = ((string[])["src", "functions"])
            .SelectMany(f => Directory.EnumerateFiles(Path.Combine(root, f), "*.cs", SearchOption.AllDirectories))
            .Where(f => !f.StartsWith(guarded, StringComparison.Ordinal) && ReadsYaml().IsMatch(File.ReadAllText(f)))
            .Select(f => Path.GetRelativePath(root, f));

        Assert.Empty(wrong);
        Assert.Contains(Directory.EnumerateFiles(guarded), f => ReadsYaml().IsMatch(File.ReadAllText(f)));
    }

    private static string Laughs(int levels)
    {
        var text = new StringBuilder("l0: &l0 [a, a, a, a, a, a, a, a, a, a]\n");
        for (var i = 1; i < levels; i++)
        {
            var items = string.Join(", ", Enumerable.Repeat($"*l{i - 1}", 10));
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"l{i}: &l{i} [{items}]\n");
        }

        return text.ToString();
    }

    [GeneratedRegex(@"YamlDotNet\.(Core|RepresentationModel|Helpers)|\b(YamlStream|IDeserializer|DeserializerBuilder)\b")]
    private static partial Regex ReadsYaml();
}
