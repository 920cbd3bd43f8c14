using Serverless.Core.Columns;
using Serverless.Serving.Invocations;

namespace Serverless.Serving.Tests;

/// <summary>Outputs of several values as columns of a table: none is dropped.</summary>
public sealed class FlatColumnsTests
{
    [Fact]
    public void A_map_and_an_array_become_a_column_a_value()
    {
        var probabilities = new ServingColumn(Column.FromNumbers("probabilities", [0.9, 0.1, 0.2, 0.8]), [2], ["no", "yes"]);
        var embedding = new ServingColumn(Column.FromIntegers("embedding", [1, 2, 3, 4, 5, 6, 7, 8]), [2, 2]);

        var columns = FlatColumns.Of(probabilities, 2).Concat(FlatColumns.Of(embedding, 2)).ToList();

        Assert.Equal(
            ["probabilities_no", "probabilities_yes", "embedding_0_0", "embedding_0_1", "embedding_1_0", "embedding_1_1"],
            columns.Select(c => c.Name)
        );
        Assert.Equal([0.9, 0.2], columns[0].Numbers.ToArray());
        Assert.Equal([4, 8], columns[5].Numbers.ToArray());
    }

    [Fact]
    public void A_single_value_keeps_its_name_and_a_very_long_array_is_one_column_of_json()
    {
        var score = new ServingColumn(Column.FromNumbers("score", [0.5]), [1]);
        var image = new ServingColumn(Column.FromIntegers("image", new long[1024]), [32, 32]);

        Assert.Equal("score", Assert.Single(FlatColumns.Of(score, 1)).Name);
        var json = Assert.Single(FlatColumns.Of(image, 1));
        Assert.Equal(1024, System.Text.Json.JsonDocument.Parse(json.GetText(0)!).RootElement.GetArrayLength());
    }
}
