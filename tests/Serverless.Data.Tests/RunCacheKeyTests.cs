using Serverless.Data.Locks;
using Serverless.Data.Params;
using Serverless.Data.Values;
using Serverless.Data.Yaml;

namespace Serverless.Data.Tests;

/// <summary>DVC's own keys and values of its run cache.</summary>
public sealed class RunCacheKeyTests
{
    [Fact]
    public void Keys_and_values_are_DVCs()
    {
        var file = Path.Combine(AppContext.BaseDirectory, "golden", "dvc", "run_cache.json");
        var cases = ((DataList)ParamsFile.Parse(File.ReadAllText(file), "run_cache.json")).Items.Cast<DataMap>().ToList();
        Assert.NotEmpty(cases);
        foreach (var known in cases)
        {
            var run = StageLock.From((DataMap)known["lock_entry"]!);
            Assert.Equal(known["value_json"]!.AsText, RunCacheKey.Json(run.ToData()));
            Assert.Equal(known["key"]!.AsText, RunCacheKey.Key(run));
            Assert.Equal(known["value"]!.AsText, RunCacheKey.Value(run));
        }
    }

    [Fact]
    public void Sizes_count_nowhere_not_even_as_the_name_of_a_parameter()
    {
        var run = StageLock.From(
            (DataMap)YamlReader.Parse("cmd: x\nparams: {params.yaml: {size: 1, a: {nfiles: 2}}}\nouts: [{path: o, md5: d, size: 5}]", "")
        );
        Assert.Equal(
            "{\"cmd\": \"x\", \"outs\": [{\"md5\": \"d\", \"path\": \"o\"}], \"params\": {\"params.yaml\": {\"a\": {}}}}",
            RunCacheKey.Json(run.ToData())
        );
    }

    [Theory]
    [InlineData("1", "1.0", true)]
    [InlineData("1", "true", true)]
    [InlineData(".nan", ".nan", false)]
    [InlineData("{a: 1, b: 2}", "{b: 2, a: 1.0}", true)]
    [InlineData("[1, 2]", "[2, 1]", false)]
    [InlineData("'1'", "1", false)]
    [InlineData("null", "''", false)]
    [InlineData("9007199254740993", "9007199254740992.0", false)]
    public void Values_are_equal_as_in_Python(string a, string b, bool expected) =>
        Assert.Equal(expected, PythonEquality.AreEqual(YamlReader.Parse(a, ""), YamlReader.Parse(b, "")));
}
