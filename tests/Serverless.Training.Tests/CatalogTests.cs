using System.Text.Json;
using Serverless.Training.Models;
using Serverless.Training.Tests.Support;

namespace Serverless.Training.Tests;

public sealed class CatalogTests
{
    public static readonly TheoryData<string> Names =
    [
        "compare",
        "data/split",
        "data/validate",
        "evaluate",
        "promote",
        "register",
        "train/fast-forest",
        "train/fast-tree",
        "train/lbfgs-logistic",
        "train/light-gbm",
        "train/sdca",
    ];

    [Fact]
    public void The_catalog_has_the_components_of_the_map() =>
        Assert.Equal(Names.Select(n => n.Data).Order(StringComparer.Ordinal), Bench.Catalog.All.Select(c => c.Name));

    [Fact]
    public void No_component_of_the_assembly_is_forgotten() =>
        Assert.Equal(
            new Serverless.Pipelines.Components.ComponentCatalog().AddAssembly(typeof(StoredModel).Assembly).All.Select(c => c.Name),
            Bench.Catalog.All.Select(c => c.Name)
        );

    [Theory]
    [MemberData(nameof(Names))]
    public void A_component_and_each_of_its_parameters_is_described(string name)
    {
        var component = Bench.Find(name);

        Assert.NotEmpty(component.Description);
        Assert.NotEmpty(component.Parameters);
        Assert.All(component.Parameters, p => Assert.False(string.IsNullOrWhiteSpace(p.Description), $"{name}: {p.Name}"));
    }

    [Theory]
    [InlineData("learning_rate", "0.1", null)]
    [InlineData("learning_rate", "\"fast\"", "must be a number")]
    [InlineData("learning_rate", "-1", "between")]
    [InlineData("task", "\"regression\"", null)]
    [InlineData("task", "\"clustering\"", "one of binary, regression")]
    [InlineData("number_of_trees", "0", "between")]
    [InlineData("parameters", "{\"learning_rate\":0.1,\"seed\":3}", null)]
    [InlineData("parameters", "{\"lerning_rate\":0.1}", "did you mean 'learning_rate'?")]
    [InlineData("parameters", "{\"learning_rate\":\"fast\"}", "'learning_rate' must be a number, but is \"fast\"")]
    [InlineData("parameters", "{\"number_of_leaves\":1.5}", "'number_of_leaves' must be a whole number")]
    [InlineData("parameters", "{\"number_of_leaves\":1}", "between 2")]
    [InlineData("parameters", "{\"label\":\"x\"}", "there is no 'label'")]
    public void Parameters_are_checked_before_anything_runs(string parameter, string json, string? says)
    {
        var wrong = Bench.Find("train/fast-tree").CheckValue(parameter, JsonDocument.Parse(json).RootElement);

        if (says is null)
        {
            Assert.Null(wrong);
        }
        else
        {
            Assert.Contains(says, wrong, StringComparison.Ordinal);
        }
    }
}
