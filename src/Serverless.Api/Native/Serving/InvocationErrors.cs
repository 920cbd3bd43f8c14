using Serverless.Core;

namespace Serverless.Api.Native.Serving;

/// <summary>The errors of MLflow's scoring server for unreadable input, in its words, which callers check.</summary>
internal static class InvocationErrors
{
    public const string Formats = "{'dataframe_records', 'dataframe_split', 'instances', 'inputs'}";

    public const string ProtocolChange =
        "IMPORTANT: The MLflow Model scoring protocol has changed in MLflow version 2.0. If you are seeing this error, you are likely "
        + "using an outdated scoring "
        + "request format. To resolve the error, either update your request format or adjust your MLflow Model's requirements file to "
        + "specify an older version of "
        + "MLflow (for example, change the 'mlflow' requirement specifier to 'mlflow==1.30.0'). If you are making a request using the "
        + "MLflow client (e.g. via "
        + "`mlflow.pyfunc.spark_udf()`), upgrade your MLflow client to a version >= 2.0 in order to use the new request format. For "
        + "more information about the "
        + "updated MLflow Model scoring protocol in MLflow 2.0, see https://mlflow.org/docs/latest/models.html#deploy-mlflow-models.";

    private const string Required = "The input must be a JSON dictionary with exactly one of the input fields " + Formats;

    public static ServerlessException NotJson(string why) => Input($"Ensure that input is a valid JSON formatted string. Error: '{why}'");

    public static ServerlessException NotAnObject(string what) => Input($"{Required}. Received {what}.");

    public static ServerlessException NotOneFormat(IEnumerable<string> found) =>
        Bad($"{Required}. Received dictionary with input fields: [{string.Join(", ", found.Select(f => $"'{f}'"))}]. {ProtocolChange}");

    public static ServerlessException Input(string message) => Bad("Invalid input. " + message);

    public static ServerlessException NotATable(string type, string method, string why) =>
        Bad(
            $"Failed to parse input as a Pandas DataFrame. Ensure that the input is a valid {type} Pandas DataFrame produced using the "
                + $"`pandas.DataFrame.{method}()` method. Error: '{why}'"
        );

    public static ServerlessException Bad(string message) => new(ErrorCodes.BadRequest, message);

    public static ServerlessException MediaType(string message) => new(ErrorCodes.BadRequest, message, status: 415);

    public static ServerlessException TooLarge(long limit) =>
        new(
            ErrorCodes.BadRequest,
            $"The decompressed request body is larger than {limit >> 20} MiB.",
            "Split the rows into several requests, or score a file with a pipeline.",
            status: 413
        );
}
