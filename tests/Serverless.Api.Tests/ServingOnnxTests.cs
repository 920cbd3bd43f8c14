using System.Net;
using Serverless.Serving.Logging;
using Serverless.Testing;
using Serverless.Tracking.Models;

namespace Serverless.Api.Tests;

/// <summary>Models of MLflow's flavor onnx, in process.</summary>
public sealed class ServingOnnxTests(ApiFixture api) : IDisposable
{
    private readonly ServingClient client = new(api);
    private readonly TestFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("""{"dataframe_split": {"columns": ["a", "b"], "data": [[1, 2], [0, 0]]}}""")]
    [InlineData("""{"dataframe_split": {"data": [[1, 2], [0, 0]]}}""")]
    [InlineData("""{"dataframe_records": [{"a": 1.0, "b": 2}, {"a": 0, "b": 0}]}""")]
    public async Task A_table_is_the_matrix_of_a_model_with_one_input(string body)
    {
        await RegisterAsync(Logistic());

        var answer = await client.InvokeAsync(body);

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal(2, answer.Predictions.Count);
        // 3·1 − 1·2 + 0.5 and 0.5, through the sigmoid.
        Assert.Equal(1 / (1 + Math.Exp(-1.5)), (double)answer.Predictions[0]!["y"]!, 5);
        Assert.Equal(1 / (1 + Math.Exp(-0.5)), (double)answer.Predictions[1]!["y"]!, 5);
    }

    [Theory]
    [InlineData("""{"inputs": [[1, 2], [0, 0]]}""")]
    [InlineData("""{"instances": [[1, 2], [0, 0]]}""")]
    [InlineData("""{"inputs": {"x": [[1, 2], [0, 0]]}}""")]
    public async Task Arrays_are_answered_with_an_array_an_output(string body)
    {
        await RegisterAsync(Logistic());

        var answer = await client.InvokeAsync(body);

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        var y = answer.Json["predictions"]!["y"]!.AsArray();
        Assert.Equal(1 / (1 + Math.Exp(-1.5)), (double)y[0]![0]!, 5);
        Assert.Equal(1 / (1 + Math.Exp(-0.5)), (double)y[1]![0]!, 5);
    }

    [Fact]
    public async Task A_signature_of_columns_orders_and_checks_them()
    {
        await RegisterAsync(
            Logistic(),
            """[{"type": "double", "name": "a", "required": true}, {"type": "long", "name": "b", "required": true}]"""
        );

        var answer = await client.InvokeAsync("""{"dataframe_split": {"columns": ["b", "a"], "data": [[2, 1]]}}""");
        var wrong = await client.InvokeAsync("""{"dataframe_split": {"columns": ["b", "a"], "data": [[2.5, 1]]}}""");

        Assert.Equal(1 / (1 + Math.Exp(-1.5)), (double)answer.Predictions[0]!["y"]!, 5);
        Assert.Equal(HttpStatusCode.BadRequest, wrong.Status);
        Assert.Contains("column 'b' must be long, but holds numbers (as 2.5)", wrong.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"inputs": [[1, 2, 3]]}""", "input 'x' must be float[?, 2], but the data is [1, 3]")]
    [InlineData("""{"dataframe_split": {"columns": ["a", "b"], "data": [[1, "z"]]}}""", "column 'b' must be a number, but contains text")]
    [InlineData("""{"inputs": [["u", "v"]]}""", "input 'x' must be float[?, 2], but contains Text values")]
    public async Task Data_of_another_shape_or_type_is_the_callers_fault(string body, string message)
    {
        await RegisterAsync(Logistic());

        var answer = await client.InvokeAsync(body);

        Assert.Equal((HttpStatusCode.BadRequest, "INVALID_PARAMETER_VALUE"), (answer.Status, answer.Code));
        Assert.Contains(message, answer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_of_several_inputs_takes_a_column_each()
    {
        await RegisterAsync(
            new OnnxFile()
                .Node("Add", ["left", "right"], ["sum"])
                .Input("left", OnnxFile.Int64, -1, 1)
                .Input("right", OnnxFile.Int64, -1, 1)
                .Output("sum", OnnxFile.Int64, -1, 1)
        );

        var table = await client.InvokeAsync("""{"dataframe_records": [{"right": 9007199254740993, "left": 1, "more": "x"}]}""");
        var arrays = await client.InvokeAsync("""{"inputs": {"left": [[1], [2]], "right": [[10], [20]]}}""");
        var missing = await client.InvokeAsync("""{"dataframe_records": [{"rigth": 2, "left": 1}]}""");

        Assert.Equal("""{"predictions":[{"sum":9007199254740994}]}""", table.Text);
        Assert.Equal("""{"predictions":{"sum":[[11],[22]]}}""", arrays.Text);
        Assert.Equal(HttpStatusCode.BadRequest, missing.Status);
        Assert.Contains("input 'right' (int64[?, 1]) is missing, but there is a 'rigth'", missing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_classifier_gives_label_and_probabilities_by_class_and_its_scores_are_logged()
    {
        await RegisterAsync(
            new OnnxFile()
                .Node(
                    "LinearClassifier",
                    ["x"],
                    ["label", "raw"],
                    "ai.onnx.ml",
                    OnnxFile.Attribute("classlabels_ints", 0L, 1L),
                    OnnxFile.Attribute("coefficients", -1f, 1f),
                    OnnxFile.Attribute("intercepts", 0f, 0f),
                    OnnxFile.Attribute("post_transform", "SOFTMAX")
                )
                .Node("ZipMap", ["raw"], ["probabilities"], "ai.onnx.ml", OnnxFile.Attribute("classlabels_int64s", 0L, 1L))
                .Input("x", OnnxFile.Float, -1, 1)
                .Output("label", OnnxFile.Int64, -1)
                .OutputOfMaps("probabilities")
        );

        var answer = await client.InvokeAsync("""{"dataframe_split": {"columns": ["x"], "data": [[1], [-1]]}}""");

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        var first = answer.Predictions[0]!;
        Assert.Equal((1, 0), ((int)first["label"]!, (int)answer.Predictions[1]!["label"]!));
        Assert.Equal(1 / (1 + Math.Exp(-2)), (double)first["probabilities"]!["1"]!, 5);
        Assert.Equal(1, (double)first["probabilities"]!["0"]! + (double)first["probabilities"]!["1"]!, 5);
        await client.Services.Serving.FlushAsync();
        var model = await client.Registry.Models.GetAsync("buys");
        var now = TimeProvider.System.GetUtcNow();
        var window = await client.Services.Serving.Log.ReadAsync(
            model.Model.Id,
            new PredictionQuery(now.AddMinutes(-5), now.AddSeconds(1))
        );
        Assert.Equal(["1", "0"], window.Predicted);
        Assert.Equal((double)first["probabilities"]!["1"]!, window.Scores[0], 12);
    }

    [Fact]
    public async Task A_score_that_is_no_number_is_a_failure_of_the_version_and_not_an_answer()
    {
        await RegisterAsync(new OnnxFile().Node("Log", ["x"], ["y"]).Input("x", OnnxFile.Float, -1, 1).Output("y", OnnxFile.Float, -1, 1));

        var good = await client.InvokeAsync("""{"inputs": [[1], [2]]}""");
        var bad = await client.InvokeAsync("""{"inputs": [[1], [-1], [-2]]}""");

        Assert.Equal(HttpStatusCode.OK, good.Status);
        Assert.Equal((HttpStatusCode.InternalServerError, "INTERNAL_ERROR"), (bad.Status, bad.Code));
        Assert.Contains(
            "Version 1 of 'buys' returned NaN as 'y' for 2 of 3 rows (the first is row 1).",
            bad.Message,
            StringComparison.Ordinal
        );
        await ExpectStatsAsync(1, 1);
    }

    [Fact]
    public async Task A_model_that_throws_is_answered_with_a_code_and_no_stack()
    {
        await RegisterAsync(
            new OnnxFile()
                .Longs("seven", 7)
                .Node("Reshape", ["x", "seven"], ["y"])
                .Input("x", OnnxFile.Float, -1, 1)
                .Output("y", OnnxFile.Float, 7)
        );

        var answer = await client.InvokeAsync("""{"inputs": [[1], [2]]}""");

        Assert.Equal((HttpStatusCode.InternalServerError, "INTERNAL_ERROR"), (answer.Status, answer.Code));
        Assert.Contains("Version 1 of 'buys' failed on this data: OnnxRuntimeException", answer.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", answer.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await client.InvokeAsync("""{"inputs": [[1], [2], [3], [4], [5], [6], [7]]}""")).Status);
        await ExpectStatsAsync(1, 1);
    }

    [Fact]
    public async Task A_file_that_is_no_model_fails_when_it_is_loaded()
    {
        folder.Write("model/MLmodel", MlmodelOf(null));
        folder.Write("model/model.onnx", "no protobuf");
        await client.RegisterAsync(folder: folder.At("model"));

        var answer = await client.InvokeAsync("""{"inputs": [[1]]}""");

        Assert.Equal((HttpStatusCode.InternalServerError, "INVALID_STATE"), (answer.Status, answer.Code));
        Assert.Contains(
            "Version 1 of 'buys' cannot be loaded: The ONNX model 'model.onnx' cannot be loaded",
            answer.Message,
            StringComparison.Ordinal
        );
    }

    private static OnnxFile Logistic() =>
        new OnnxFile()
            .Floats("w", [2, 1], 3, -1)
            .Floats("b", [1], 0.5f)
            .Node("MatMul", ["x", "w"], ["xw"])
            .Node("Add", ["xw", "b"], ["z"])
            .Node("Sigmoid", ["z"], ["y"])
            .Input("x", OnnxFile.Float, -1, 2)
            .Output("y", OnnxFile.Float, -1, 1);

    private static string MlmodelOf(string? signature) =>
        "artifact_path: model\nflavors:\n  onnx:\n    data: model.onnx\n    onnx_version: 1.17.0\n  python_function:\n    "
        + "loader_module: mlflow.onnx\n"
        + (signature is null ? "" : $"signature:\n  inputs: '{signature}'\n  outputs: null\n");

    private async Task<ModelVersion> RegisterAsync(
        OnnxFile model,
        string? signature = """[{"type": "tensor", "tensor-spec": {"dtype": "float32", "shape": [-1, 2]}}]"""
    )
    {
        folder.Write("model/MLmodel", MlmodelOf(signature));
        await File.WriteAllBytesAsync(folder.At("model", "model.onnx"), model.ToArray());
        return await client.RegisterAsync(folder: folder.At("model"));
    }

    private async Task ExpectStatsAsync(int succeeded, int failed)
    {
        var stats = (await client.GetAsync("buys/stats")).Json["versions"]!.AsArray().Single()!;
        Assert.Equal((succeeded, failed), ((int)stats["succeeded"]!, (int)stats["failed"]!));
    }
}
