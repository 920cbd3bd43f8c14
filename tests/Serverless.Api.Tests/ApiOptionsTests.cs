using Serverless.Api.Hosting;
using Serverless.Automation.Retention;
using Serverless.Core;

namespace Serverless.Api.Tests;

/// <summary>Settings of the environment: what they mean, and what cannot be meant.</summary>
public sealed class ApiOptionsTests
{
    [Fact]
    public void Retention_and_the_log_have_defaults_and_take_what_is_set()
    {
        var plain = ApiOptions.From(_ => null);
        var given = ApiOptions.From(name =>
            name switch
            {
                "MLOPS_LOG_PREDICTIONS" => "off",
                "MLOPS_PREDICTION_DAYS" => "30",
                "MLOPS_EVENT_DAYS" => " 7 ",
                _ => null,
            }
        );

        Assert.Equal((true, new RetentionOptions { PredictionDays = 365, EventDays = 90 }), (plain.LogsPredictions, plain.Retention));
        Assert.Equal((false, new RetentionOptions { PredictionDays = 30, EventDays = 7 }), (given.LogsPredictions, given.Retention));
    }

    [Theory]
    [InlineData("MLOPS_LOG_PREDICTIONS", "maybe", "Use 1 or 0")]
    [InlineData("MLOPS_PREDICTION_DAYS", "7", "from 8 to 3650")]
    [InlineData("MLOPS_PREDICTION_DAYS", "forever", "or omit it for the default, 365")]
    [InlineData("MLOPS_EVENT_DAYS", "3651", "from 7 to 3650")]
    [InlineData("MLOPS_EVENT_DAYS", "-1", "from 7 to 3650")]
    public void What_cannot_be_meant_stops_the_start(string name, string text, string fix)
    {
        var error = Assert.Throws<ServerlessException>(() => ApiOptions.From(n => n == name ? text : null));

        Assert.Equal(
            ($"{name} has the invalid value '{text}'.", true),
            (error.Message, error.Fix!.Contains(fix, StringComparison.Ordinal))
        );
    }
}
