using System.Globalization;
using Serverless.Tracking.Search;

namespace Serverless.Tracking.Tests.Search;

public sealed class OrderTests
{
    private static readonly Item[] Runs =
    [
        Run("0", "9", 0, "FAILED").Metric("key1", 121).Param("my_param", "A"),
        Run("1", "8", 1, "FINISHED").Metric("key1", 123).Param("my_param", "A").Tag("tag1", "C"),
        Run("2", "7", 1, "FAILED").Metric("key1", 125).Param("my_param", "B").Tag("tag1", "D"),
    ];

    public static TheoryData<string[]?, string> Orders =>
        new()
        {
            { null, "2 1 0" },
            { [], "2 1 0" },
            { ["tags.noSuchTag"], "2 1 0" },
            { ["attributes.status"], "2 0 1" },
            { ["attributes.start_time"], "0 2 1" },
            { ["metrics.key1 asc"], "0 1 2" },
            { ["metrics.\"key1\"  desc"], "2 1 0" },
            { ["params.my_param"], "1 0 2" },
            { ["params.my_param aSc", "attributes.status  ASC"], "0 1 2" },
            { ["params.my_param", "attributes.status DESC"], "1 0 2" },
            { ["params.my_param DESC", "attributes.status   DESC"], "2 1 0" },
            { ["params.`my_param` DESC", "attributes.status DESC"], "2 1 0" },
            { ["tags.tag1"], "1 2 0" },
            { ["tags.tag1    DESC"], "2 1 0" },
        };

    [Theory]
    [MemberData(nameof(Orders))]
    public void Runs_sort(string[]? orderBy, string expected) => Assert.Equal(expected, Search.Sort(Runs, orderBy));

    [Theory]
    [InlineData("metrics.x asc", "-inf -1000 0 1000 inf nan none")]
    [InlineData("metrics.x desc", "inf 1000 0 -1000 -inf nan none")]
    public void NaN_and_then_missing_come_last_in_both_directions(string order, string expected)
    {
        var items = "nan inf -inf -1000 0 1000 none"
            .Split(' ')
            .Select(id =>
                Run(id, id, 0, "FINISHED")
                    .Metric(
                        "x",
                        id switch
                        {
                            "none" => null,
                            "nan" => double.NaN,
                            "inf" => double.PositiveInfinity,
                            "-inf" => double.NegativeInfinity,
                            _ => double.Parse(id, CultureInfo.InvariantCulture),
                        }
                    )
            );
        Assert.Equal(expected, Search.Sort(items, [order]));
    }

    [Theory]
    [InlineData("attribute.end_time asc", "a b none")]
    [InlineData("attribute.end_time desc", "b a none")]
    public void A_run_that_has_not_ended_comes_last(string order, string expected) =>
        Assert.Equal(
            expected,
            Search.Sort(
                [
                    Run("none", "1", 0, "RUNNING"),
                    Run("b", "2", 0, "FINISHED").Attribute("end_time", 456),
                    Run("a", "3", 0, "FAILED").Attribute("end_time", -123),
                ],
                [order]
            )
        );

    [Theory]
    [InlineData(null, "c b a")]
    [InlineData("name", "a b c")]
    [InlineData("name DESC", "c b a")]
    [InlineData("experiment_id", "a c b")]
    [InlineData("last_update_time", "b c a")]
    public void Experiments_sort(string? order, string expected) =>
        Assert.Equal(
            expected,
            Search.Sort(
                [Experiment("a", "9", 1, 3), Experiment("b", "200000000000000001", 2, 1), Experiment("c", "200000000000000000", 2, 1)],
                order is null ? null : [order],
                SearchTarget.Experiments
            )
        );

    [Fact]
    public void Registered_models_sort_by_name_or_time()
    {
        Item[] models =
        [
            new Item("b").Attribute("name", "b").Attribute("last_updated_timestamp", 1),
            new Item("a").Attribute("name", "a").Attribute("last_updated_timestamp", 2),
            new Item("c").Attribute("name", "c").Attribute("last_updated_timestamp", 2),
        ];
        Assert.Equal("a b c", Search.Sort(models, null, SearchTarget.RegisteredModels));
        Assert.Equal("b a c", Search.Sort(models, ["timestamp\r\rASC"], SearchTarget.RegisteredModels));
        Assert.Equal("c a b", Search.Sort(models, ["timestamp  deSc", "name   DESC"], SearchTarget.RegisteredModels));
        Assert.Equal("a c b", Search.Sort(models, ["last_updated_timestamp DESC"], SearchTarget.RegisteredModels));
    }

    [Fact]
    public void Model_versions_sort_by_time_and_then_by_name_and_version()
    {
        Item[] versions = [Version("a", 1, 5), Version("a", 2, 5), Version("b", 1, 9), Version("a", 10, 1)];
        Assert.Equal("b1 a2 a1 a10", Search.Sort(versions, null, SearchTarget.ModelVersions));
        Assert.Equal("a10 a2 a1 b1", Search.Sort(versions, ["name"], SearchTarget.ModelVersions));
        Assert.Equal("a10 a2 a1 b1", Search.Sort(versions, ["version_number DESC"], SearchTarget.ModelVersions));
        Assert.Equal("a10 a2 a1 b1", Search.Sort(versions, ["creation_timestamp DESC"], SearchTarget.ModelVersions));
    }

    private static Item Run(string id, string runId, double startTime, string status) =>
        new Item(id).Attribute("run_id", runId).Attribute("start_time", startTime).Attribute("status", status);

    private static Item Experiment(string name, string id, double creationTime, double lastUpdateTime) =>
        new Item(name)
            .Attribute("name", name)
            .Attribute("experiment_id", id)
            .Attribute("creation_time", creationTime)
            .Attribute("last_update_time", lastUpdateTime);

    private static Item Version(string name, double version, double updated) =>
        new Item($"{name}{version}")
            .Attribute("name", name)
            .Attribute("version_number", version)
            .Attribute("last_updated_timestamp", updated);
}
