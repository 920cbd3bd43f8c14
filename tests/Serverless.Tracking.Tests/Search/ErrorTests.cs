using Serverless.Tracking.Search;

namespace Serverless.Tracking.Tests.Search;

/// <summary>Whole texts; <see cref="GoldenTests"/> holds many more.</summary>
public sealed class ErrorTests
{
    [Theory]
    [InlineData(
        "metric.acc >= 0.94; metrics.rmse < 1",
        "Search filter contained multiple expression 'metric.acc >= 0.94; metrics.rmse < 1'. Provide AND-ed expression list."
    )]
    [InlineData("m.acc >= 0.94", "Invalid entity type 'm'. Valid values are ['metric', 'parameter', 'tag', 'attribute', 'dataset']")]
    [InlineData("metrics.A > 0.1 OR params.B = 'LR'", "Invalid clause(s) in filter string: 'OR'")]
    [InlineData("metrics.A > 0.1 NAND params.B = 'LR'", "Invalid clause(s) in filter string: 'metrics.A > 0.1 NAND'")]
    [InlineData("metrics.A > 0.1 AND (params.B = 'LR')", "Invalid clause(s) in filter string: '(params.B = 'LR')'")]
    [InlineData(
        "params.acc = LR",
        "Parameter value is either not quoted or unidentified quote types used for string value LR. Use either single or double quotes."
    )]
    [InlineData("metric.model = 'LR'", "Expected numeric value type for metric. Found 'LR'")]
    [InlineData("params.acc = 5", "Expected a quoted string value for parameter (e.g. 'my-value'). Got value 5")]
    [InlineData("tags.acc = 5", "Expected a quoted string value for tag (e.g. 'my-value'). Got value 5")]
    [InlineData("1.0 > metrics.acc", "Invalid comparison clause. Expected 'Identifier' found '1.0'")]
    [InlineData("metrics.val-loss > 1", "Invalid comparison clause. Expected 'Identifier' found 'metrics.val-loss'")]
    [InlineData("attribute.status = 1", "Expected a quoted string value for attributes. Got value 1")]
    [InlineData("metrics.abc ~ 1.0", "Invalid comparator '~' not one of '{'=', '!=', '>', '>=', '<', '<='}")]
    [InlineData("params.abc > 'x'", "Invalid comparator '>' not one of '{'=', '!=', 'LIKE', 'ILIKE'}'")]
    [InlineData("dataset.profile = 'x'", "Invalid dataset key 'profile' specified. Valid keys are '{'name', 'digest', 'context'}'")]
    [InlineData("status IN ('a')", "Only the 'run_id' attribute supports comparison with a list of quoted string values.")]
    [InlineData("   ", "Invalid filter '   '. Could not be parsed.")]
    public void Runs(string filter, string message) => Assert.Equal(message, Search.Error(filter));

    [Theory]
    [InlineData(
        "run_id IN (1,2,3)",
        "While parsing a list in the query, expected string value, punctuation, or whitespace, but got different type in list: (1,2,3)"
    )]
    [InlineData("run_id IN ()", "While parsing a list in the query, expected a non-empty list of string values, but got empty list")]
    [InlineData("run_id IN (", "Invalid clause(s) in filter string: run_id, IN, (")]
    [InlineData("run_id IN", "Invalid clause(s) in filter string: run_id, IN")]
    [InlineData("name LIKE", "Invalid clause(s) in filter string: name, LIKE")]
    [InlineData("run_id IN (,)", "While parsing a list in the query, expected a non-empty list of string values, but got ill-formed list.")]
    [InlineData(
        "run_id IN ('runid1',,'runid2')",
        "While parsing a list in the query, expected a non-empty list of string values, but got ill-formed list."
    )]
    [InlineData("run_id NOT IN ('a')", "Invalid comparator for attribute: NOT IN")]
    [InlineData("version_number LIKE 1", "Invalid comparator for attribute version_number: LIKE")]
    [InlineData("tag.a > 'b'", "Invalid comparator for tag: >")]
    public void Model_versions(string filter, string message) => Assert.Equal(message, Search.Error(filter, SearchTarget.ModelVersions));

    [Theory]
    [InlineData("run_id='x'", "Invalid attribute key 'run_id' specified. Valid keys are '{'name'}'")]
    [InlineData("evilhax = true", "Invalid clause(s) in filter string: evilhax, =, true")]
    [InlineData("name > 'a'", "Invalid comparator for attribute: >")]
    [InlineData("metric.a = 1", "Invalid entity type 'metric'. Valid entity types are ('attribute', 'tag', 'tags')")]
    public void Registered_models(string filter, string message) =>
        Assert.Equal(message, Search.Error(filter, SearchTarget.RegisteredModels));

    [Theory]
    [InlineData(SearchTarget.Runs, "`metrics.A", "Invalid order_by clause '`metrics.A'. Could not be parsed.")]
    [InlineData(SearchTarget.Runs, "params.my_param ", "Invalid order_by clause 'params.my_param '. Could not be parsed.")]
    [InlineData(SearchTarget.Runs, "attribute.run_id ACS", "Invalid ordering key in order_by clause 'attribute.run_id ACS'.")]
    [InlineData(SearchTarget.Runs, "dataset.name", "Invalid identifier type 'dataset'")]
    [InlineData(SearchTarget.Experiments, "tag.a", "Invalid order_by entity: tag")]
    [InlineData(
        SearchTarget.RegisteredModels,
        "creation_timestamp DESC",
        "Invalid order by key 'creation_timestamp' specified. Valid keys are '{'name', 'timestamp'}'"
    )]
    [InlineData(SearchTarget.RegisteredModels, "", "Invalid order_by clause ''. Could not be parsed.")]
    [InlineData(
        SearchTarget.ModelVersions,
        "last_updated_timestamp DESC blah",
        "Invalid order_by clause 'last_updated_timestamp DESC blah'. Could not be parsed."
    )]
    public void Order(SearchTarget target, string clause, string message) => Assert.Equal(message, Search.OrderError([clause], target));

    [Theory]
    [InlineData("timestamp", "last_updated_timestamp DESC")]
    [InlineData("name", "name DESC")]
    public void A_field_orders_once(string first, string second) =>
        Assert.Equal(
            $"`order_by` contains duplicate fields: ['{first}', '{second}']",
            Search.OrderError([first, second], SearchTarget.RegisteredModels)
        );

    [Fact]
    public void An_alias_is_the_same_field() =>
        Assert.StartsWith(
            "`order_by` contains duplicate fields:",
            Search.OrderError(["attribute.created", "start_time desc"]),
            StringComparison.Ordinal
        );

    /// <summary>What is read more leniently, or better, than MLflow reads it.</summary>
    [Theory]
    [InlineData(SearchTarget.Runs, "metrics.top.5 > 1e+2")]
    [InlineData(SearchTarget.Runs, "tags.from = 'x' and tags.имя = 'y'")]
    [InlineData(SearchTarget.Runs, "run_id IN ( 'a' , 'b' )")]
    [InlineData(SearchTarget.Experiments, "name like 'a%' and `tag`.x ilike 'b'")]
    [InlineData(SearchTarget.ModelVersions, "`name` = 'a' and attribute.`run_id` in ('x')")]
    public void More_is_accepted(SearchTarget target, string filter) => Assert.NotNull(SearchFilter.Parse(filter, target));

    [Theory]
    [InlineData(SearchTarget.Runs, "run_id LIKE ('a')", "Expected a quoted string value for attributes. Got value ('a')")]
    [InlineData(
        SearchTarget.ModelVersions,
        "version_number > 'x'",
        "Expected numeric value type for numeric attribute: version_number. Found 'x'"
    )]
    public void Less_is_accepted(SearchTarget target, string filter, string message) => Assert.Equal(message, Search.Error(filter, target));
}
