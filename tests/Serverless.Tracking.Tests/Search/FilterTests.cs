using Serverless.Tracking.Search;

namespace Serverless.Tracking.Tests.Search;

public sealed class FilterTests
{
    private static readonly Item[] Runs =
    [
        new Item("r1")
            .Attribute("run_id", "a1")
            .Attribute("run_name", "one")
            .Attribute("status", "FAILED")
            .Attribute("start_time", 1)
            .Attribute("artifact_uri", "mlflow-artifacts:/0/a1/artifacts")
            .Metric("key1", 121)
            .Metric("val/loss 1", 0.5)
            .Metric("n", double.NaN)
            .Param("p", "A")
            .Param("generic_2", "some value")
            .Dataset("name1", "digest1", "train"),
        new Item("r2")
            .Attribute("run_id", "b2")
            .Attribute("run_name", "two")
            .Attribute("status", "FINISHED")
            .Attribute("start_time", 2)
            .Attribute("end_time", 5)
            .Attribute("artifact_uri", "mlflow-artifacts:/0/b2/artifacts")
            .Metric("key1", 123)
            .Metric("n", 1)
            .Param("p", "A")
            .Param("generic_2", "another value")
            .Tag("tag1", "C")
            .Tag("ключ", "да")
            .Dataset("name1", "digest1", null)
            .Dataset("Iris", "digest3", "eval"),
        new Item("r3")
            .Attribute("run_id", "c3")
            .Attribute("run_name", "three")
            .Attribute("status", "FAILED")
            .Attribute("start_time", 3)
            .Metric("key1", 125)
            .Metric("n", double.PositiveInfinity)
            .Param("p", "B")
            .Tag("tag1", "D")
            .Tag("a.b c", "L'H")
            .Dataset("name2", "digest2", "test"),
    ];

    [Theory]
    [InlineData(null, "r1 r2 r3")]
    [InlineData("", "r1 r2 r3")]
    [InlineData("attributes.status = 'FAILED'", "r1 r3")]
    [InlineData("status != \"FAILED\"", "r2")]
    [InlineData("metrics.key1 = 123", "r2")]
    [InlineData("metrics.key1 != 123", "r1 r3")]
    [InlineData("metrics.key1 >= 123", "r2 r3")]
    [InlineData("metric.key1<=1.23e2", "r1 r2")]
    [InlineData("metric.key1 > -5 and metrics.key1 < 1.24E+2", "r1 r2")]
    [InlineData("metrics.`val/loss 1` <= .5", "r1")]
    [InlineData("metrics.\"val/loss 1\" > 0", "r1")]
    [InlineData("metrics.n > 0", "r2 r3")]
    [InlineData("metrics.n <= 0", "")]
    [InlineData("metrics.n != 1", "r1 r3")]
    [InlineData("metrics.none != 1", "")]
    [InlineData("params.p = 'A'", "r1 r2")]
    [InlineData("param.p != 'A'", "r3")]
    [InlineData("tags.tag1 != 'D'", "r2")]
    [InlineData("tags.`a.b c` = \"L'H\"", "r3")]
    [InlineData("tags.ключ = 'да'", "r2")]
    [InlineData("tags.'tag1' = 'D'", "r3")]
    [InlineData("params.p = 'A' AND attributes.status = 'FAILED'", "r1")]
    [InlineData("params.generic_2 LIKE '%other%'", "r2")]
    [InlineData("params.generic_2 LIKE 'other%'", "")]
    [InlineData("params.generic_2 LIKE '%other'", "")]
    [InlineData("params.generic_2 LIKE 'other'", "")]
    [InlineData("params.generic_2 LIKE '%Other%'", "")]
    [InlineData("params.generic_2 ilike '%Other%'", "r2")]
    [InlineData("params.generic_2 LIKE '_o_e value'", "r1")]
    [InlineData("attr.artifact_uri LIKE '%/b2/%'", "r2")]
    [InlineData("start_time > 1 and run.created < 3", "r2")]
    [InlineData("attributes.end_time != 4", "r2")]
    [InlineData("attributes.`Run name` = 'one'", "r1")]
    [InlineData("run_id IN ('a1', 'c3','A1')", "r1 r3")]
    [InlineData("run_id in ( 'a1' )", "r1")]
    [InlineData("run_id NOT IN ('a1')", "r2 r3")]
    [InlineData("run_name = 'one' AND run_id IN ('a1')", "r1")]
    [InlineData("datasets.name = 'name1'", "r1 r2")]
    [InlineData("datasets.name IN ('name1', 'name2')", "r1 r2 r3")]
    [InlineData("dataset.digest IN ('digest1', 'digest2') AND dataset.context = 'test'", "r3")]
    [InlineData("datasets.name = 'name1' AND datasets.digest = 'digest2'", "")]
    [InlineData("datasets.context = 'train'", "r1")]
    [InlineData("datasets.name = 'name1' AND datasets.context = 'eval'", "r2")]
    [InlineData("datasets.name LIKE 'Name%'", "")]
    [InlineData("datasets.name ILIKE 'Name%'", "r1 r2 r3")]
    [InlineData("datasets.name IN ('Iris')", "r2")]
    [InlineData("datasets.context != 'train'", "r2 r3")]
    public void Runs_match(string? filter, string expected) => Assert.Equal(expected, Search.Find(Runs, filter));

    [Theory]
    [InlineData("name = 'a'", "a")]
    [InlineData("attribute.`name` != 'a'", "ab Abc")]
    [InlineData("name LIKE 'a%'", "a ab")]
    [InlineData("name ILIKE 'a%' AND name ILIKE '%b'", "ab")]
    [InlineData("creation_time >= 2", "ab Abc")]
    [InlineData("last_update_time < 1", "")]
    [InlineData("tag.`k e y 1` = 'value'", "a")]
    [InlineData("tag.key1 LIKE '%Lue'", "ab")]
    [InlineData("tags.key1 ILIKE '%alu%'", "a ab")]
    [InlineData("tag.KEY1 = 'value'", "")]
    public void Experiments_match(string filter, string expected) =>
        Assert.Equal(
            expected,
            Search.Find(
                [
                    new Item("a").Attribute("name", "a").Attribute("creation_time", 1).Tag("key1", "value").Tag("k e y 1", "value"),
                    new Item("ab").Attribute("name", "ab").Attribute("creation_time", 2).Tag("key1", "vaLue"),
                    new Item("Abc").Attribute("name", "Abc").Attribute("creation_time", 3),
                ],
                filter,
                SearchTarget.Experiments
            )
        );

    [Theory]
    [InlineData("name='m'", "m1 m2")]
    [InlineData("version_number=2", "m2 n2")]
    [InlineData("version_number = '2'", "m2 n2")]
    [InlineData("version_number<2 AND run_id IN ('ra','rb')", "m1")]
    [InlineData("run_id LIKE 'r%' and source_path = 'A/B'", "m1")]
    [InlineData("run_id != 'ra'", "m2")]
    [InlineData("tag.t2 like 'x%' and tag.t2 != 'xyz'", "m2")]
    public void Model_versions_match(string filter, string expected) =>
        Assert.Equal(
            expected,
            Search.Find(
                [
                    new Item("m1")
                        .Attribute("name", "m")
                        .Attribute("version_number", 1)
                        .Attribute("run_id", "ra")
                        .Attribute("source_path", "A/B")
                        .Tag("t2", "xyz"),
                    new Item("m2")
                        .Attribute("name", "m")
                        .Attribute("version_number", 2)
                        .Attribute("run_id", "rb")
                        .Attribute("source_path", "A/C")
                        .Tag("t2", "x123"),
                    new Item("n2").Attribute("name", "n").Attribute("version_number", 2).Attribute("source_path", "A/B"),
                ],
                filter,
                SearchTarget.ModelVersions
            )
        );

    [Theory]
    [InlineData(null, "model")]
    [InlineData("name = 'prompt_1'", "")]
    [InlineData("tags.fruit = 'apple'", "model")]
    [InlineData("tags.`mlflow.prompt.is_prompt` = 'false'", "model")]
    [InlineData("tags.`mlflow.prompt.is_prompt` != 'true'", "model")]
    [InlineData("tags.`mlflow.prompt.is_prompt` = 'true'", "prompt_1 prompt_2")]
    [InlineData("name = 'prompt_1' and tags.`mlflow.prompt.is_prompt` = 'true'", "prompt_1")]
    [InlineData("tags.`mlflow.prompt.is_prompt` = 'true' and tags.fruit = 'apple'", "prompt_2")]
    public void Prompts_are_hidden_unless_asked_for(string? filter, string expected)
    {
        Item[] items =
        [
            new Item("model").Attribute("name", "model").Tag("fruit", "apple"),
            new Item("prompt_1").Attribute("name", "prompt_1").Tag("mlflow.prompt.is_prompt", "true"),
            new Item("prompt_2").Attribute("name", "prompt_2").Tag("mlflow.prompt.is_prompt", "true").Tag("fruit", "apple"),
        ];
        Assert.Equal(expected, Search.Find(items, filter, SearchTarget.RegisteredModels));
        Assert.Equal(expected, Search.Find(items, filter, SearchTarget.ModelVersions));
    }

    [Theory]
    [InlineData("%", "", true)]
    [InlineData("_", "", false)]
    [InlineData("_", "😀", true)]
    [InlineData("%_%_", "😀", false)]
    [InlineData("a%b%c", "aXbXbYc", true)]
    [InlineData("a%b%c", "aXbXbY", false)]
    [InlineData("", "", true)]
    [InlineData("", "a", false)]
    [InlineData("a.c", "abc", false)]
    [InlineData("%ab", "aab", true)]
    public void Like_is_SQLs(string pattern, string text, bool expected) =>
        Assert.Equal(expected, new LikePattern(pattern, ignoreCase: false).Matches(text));
}
