using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace Serverless.Api.Tests;

/// <summary>Every form of body that MLflow's scoring server takes means the same rows here.</summary>
public sealed class ServingFormatTests(ApiFixture api)
{
    private const string Split =
        """{"dataframe_split": {"columns": ["age", "income", "plan", "active"], "data": [[70, 4900.5, "pro", true], [20, """
        + """null, "free", false]]}}""";
    private readonly ServingClient client = new(api);

    [Theory]
    [InlineData(Split)]
    [InlineData(
        """{"dataframe_split": {"index": [7, 8], "columns": ["plan", "age", "active", "extra", "income"], "data": [["pro", 70.0, """
            + """true, {}, 4900.5], ["free", 20, false, 1, NaN]]}, "params": {"a": 1}}"""
    )]
    [InlineData(
        """{"dataframe_records": [{"age": 70, "income": 4900.5, "plan": "pro", "active": true}, {"active": false, "age": """
            + """20, "plan": "free"}]}"""
    )]
    [InlineData(
        """{"instances": [{"age": 70, "income": 4900.5, "plan": "pro", "active": true}, {"age": 20, "income": """
            + """null, "plan": "free", "active": false}]}"""
    )]
    [InlineData("""{"inputs": {"age": [70, 20], "income": [4900.5, NaN], "plan": ["pro", "free"], "active": [true, false]}}""")]
    [InlineData(
        """{"inputs": [{"age": 70, "income": 4900.5, "plan": "pro", "active": true}, {"age": 20, "plan": "free", "active": """
            + """false}], "params": null}"""
    )]
    public async Task Every_JSON_form_is_read(string body)
    {
        await client.RegisterAsync();
        var expected = await client.InvokeAsync(Split);

        var answer = await client.InvokeAsync(body);

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal(expected.Text, answer.Text);
        Assert.Equal("yes", (string)answer.Predictions[0]!["label"]!);
        Assert.Equal("no", (string)answer.Predictions[1]!["label"]!);
        Assert.InRange((double)answer.Predictions[0]!["score"]!, 0.5, 1);
        Assert.Equal(2, answer.Predictions[0]!.AsObject().Count);
    }

    [Theory]
    [InlineData("age,income,plan,active\n70,4900.5,pro,true\n20,,free,false\n", "text/csv")]
    [InlineData("\"\",\"age\",\"income\",\"plan\",\"active\"\n1,70,4900.5,\"pro\",TRUE\n2,20,,\"free\",FALSE\n", "text/csv")]
    [InlineData(",age,income,plan,active\n0,70,4900.5,pro,True\n1,20,,free,False\n", "text/csv; charset=utf-8")]
    public async Task Csv_is_read_as_pandas_writes_it(string body, string type)
    {
        await client.RegisterAsync();
        var expected = await client.InvokeAsync(Split);

        var answer = await client.SendAsync(HttpMethod.Post, "buys/invocations", Content(Encoding.UTF8.GetBytes(body), type));

        Assert.Equal((HttpStatusCode.OK, expected.Text), (answer.Status, answer.Text));
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    public async Task A_packed_body_is_unpacked(string encoding)
    {
        await client.RegisterAsync();
        using var packed = new MemoryStream();
        await using (
            Stream stream = encoding switch
            {
                "gzip" => new GZipStream(packed, CompressionMode.Compress, leaveOpen: true),
                _ => new ZLibStream(packed, CompressionMode.Compress, leaveOpen: true),
            }
        )
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes(Split));
        }

        var content = Content(packed.ToArray(), "application/json");
        content.Headers.ContentEncoding.Add(encoding);
        var answer = await client.SendAsync(HttpMethod.Post, "buys/invocations", content);

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal(2, answer.Predictions.Count);
    }

    [Fact]
    public async Task A_body_that_unpacks_to_too_much_is_refused()
    {
        await client.RegisterAsync();
        using var packed = new MemoryStream();
        await using (var stream = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            var spaces = new byte[1 << 20];
            Array.Fill(spaces, (byte)' ');
            for (var i = 0; i < 65; i++)
            {
                await stream.WriteAsync(spaces);
            }
        }

        var content = Content(packed.ToArray(), "application/json");
        content.Headers.ContentEncoding.Add("gzip");
        var answer = await client.SendAsync(HttpMethod.Post, "buys/invocations", content);

        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "BAD_REQUEST"), (answer.Status, answer.Code));
    }

    [Theory]
    [InlineData(
        """[1]""",
        "Invalid input. The input must be a JSON dictionary with exactly one of the input fields {'dataframe_records', "
            + "'dataframe_split', 'instances', 'inputs'}. Received a list."
    )]
    [InlineData("""{"dataframe_split": """, "Invalid input. Ensure that input is a valid JSON formatted string. Error: ")]
    [InlineData("""{"a": 1}""", "Received dictionary with input fields: []. IMPORTANT: The MLflow Model scoring protocol has changed")]
    [InlineData("""{"inputs": [], "instances": []}""", "Received dictionary with input fields: ['inputs', 'instances']. IMPORTANT")]
    [InlineData(
        """{"dataframe_records": {"a": [1]}}""",
        "Invalid input. Dataframe records format must be a list of records. Got dictionary."
    )]
    [InlineData("""{"dataframe_split": [1]}""", "Invalid input. Dataframe split format must be a dictionary. Got list.")]
    [InlineData(
        """{"dataframe_split": {"columns": ["a"]}}""",
        "Dataframe split format must have 'data' field and optionally 'columns' and 'index' fields. Got {'columns'}.'"
    )]
    [InlineData(
        """{"dataframe_split": {"columns": ["a", "b"], "data": [[1]]}}""",
        "is not a valid dataframe representation in 'split' format. Error: '2 columns passed, passed data had 1 columns in row 0'"
    )]
    [InlineData("""{"inputs": {"age": [1, 2], "plan": ["a"]}}""", "The length of values for each input/column name are not the same")]
    [InlineData("""{"inputs": {"age": [[1, 2], [3]]}}""", "Invalid input. The values of 'age' do not all have the same shape.")]
    public async Task What_cannot_be_read_is_answered_in_MLflows_words(string body, string message)
    {
        await client.RegisterAsync();

        var answer = await client.InvokeAsync(body);

        Assert.Equal((HttpStatusCode.BadRequest, "BAD_REQUEST"), (answer.Status, answer.Code));
        Assert.Contains(message, answer.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        "text/html",
        "This predictor only supports the following content types: Types: ['text/csv', 'application/json', "
            + "'application/vnd.apache.parquet']. Got 'text/html'."
    )]
    [InlineData("application/json; charset=latin1", "The scoring server only supports UTF-8")]
    [InlineData(
        "application/json; format=pandas-split",
        "Unrecognized content type parameters: format. IMPORTANT: The MLflow Model scoring protocol has changed"
    )]
    public async Task Another_content_type_is_answered_415_in_plain_text(string type, string message)
    {
        await client.RegisterAsync();

        var answer = await client.SendAsync(HttpMethod.Post, "buys/invocations", Content("{}"u8.ToArray(), type));

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.Status);
        Assert.StartsWith(message, answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""[["x", 1.5, "pro", true]]""", "column 'age' must be long, but holds text (as 'x')")]
    [InlineData("""[[1.5, 1.5, "pro", true]]""", "column 'age' must be long, but holds numbers (as 1.5)")]
    [InlineData("""[[1, 1.5, 7, true]]""", "column 'plan' must be string, but holds whole numbers (as 7)")]
    [InlineData("""[[1, 1.5, "pro", 2]]""", "column 'active' must be boolean, but holds whole numbers (as 2)")]
    [InlineData(
        """[[1, 1.5, "pro", true], [2, "abc", "pro", true]]""",
        "column 'income' must be double, but holds numbers and, in row 1, text ('abc')"
    )]
    [InlineData("""[[1, 1.5, "pro", true], [null, 2, "pro", true]]""", "column 'age' must be long in every row, but is null in row 1")]
    public async Task Data_that_does_not_fit_names_column_and_types(string data, string message)
    {
        await client.RegisterAsync();

        var answer = await client.InvokeAsync(
            """{"dataframe_split": {"columns": ["age", "income", "plan", "active"], "data": """ + data + "}}"
        );

        Assert.Equal((HttpStatusCode.BadRequest, "INVALID_PARAMETER_VALUE"), (answer.Status, answer.Code));
        Assert.Contains(message, answer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_column_is_named_with_the_nearest_one()
    {
        await client.RegisterAsync();

        var answer = await client.InvokeAsync("""{"dataframe_records": [{"agee": 1, "income": 2, "active": true}]}""");

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains("column 'age' (long) is missing, there is a 'agee'", answer.Message, StringComparison.Ordinal);
        Assert.Contains("column 'plan' (string) is missing", answer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pythons_words_for_numbers_are_read_and_stay_in_texts()
    {
        await client.RegisterAsync();

        var answer = await client.InvokeAsync(
            """{"dataframe_split": {"columns": ["age", "income", "plan", "active"], "data": [[70, Infinity, "a \"NaN\" b", """
                + """true], [70, -Infinity, "NaN", true], [70, NaN, "free", true]]}}"""
        );
        await client.Services.Serving.FlushAsync();
        var model = await client.Registry.Models.GetAsync("buys");
        var now = TimeProvider.System.GetUtcNow();
        var window = await client.Services.Serving.Log.ReadAsync(
            model.Model.Id,
            new Serving.Logging.PredictionQuery(now.AddMinutes(-5), now.AddSeconds(1))
        );

        Assert.Equal((HttpStatusCode.OK, 3), (answer.Status, answer.Predictions.Count));
        Assert.Equal([double.PositiveInfinity, double.NegativeInfinity, double.NaN], window.Inputs["income"].Numbers.ToArray());
        Assert.Equal(["a \"NaN\" b", "NaN", "free"], window.Inputs["plan"].Texts.ToArray());
    }

    [Fact]
    public async Task No_rows_have_no_predictions()
    {
        await client.RegisterAsync();

        var answer = await client.InvokeAsync("""{"dataframe_split": {"columns": ["age", "income", "plan", "active"], "data": []}}""");

        Assert.Equal((HttpStatusCode.OK, """{"predictions":[]}"""), (answer.Status, answer.Text));
    }

    private static ByteArrayContent Content(byte[] body, string type)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        return content;
    }
}
