using Serverless.Core;

namespace Serverless.Storage.Tests;

public sealed class StorageOptionsTests
{
    [Fact]
    public void Nothing_set_is_the_emulator_of_this_machine()
    {
        var options = StorageOptions.From(_ => null);
        Assert.Equal(new StorageOptions(), options);
        Assert.Equal("127.0.0.1", StorageClients.Of(options).Blobs.Uri.Host);
    }

    [Fact]
    public void An_account_name_is_reached_by_identity_and_holds_no_key()
    {
        var options = Of(
            ("AzureWebJobsStorage__accountName", "stmlops01"),
            ("AzureWebJobsStorage__clientId", "0b1f3c57-6a52-4d1e-9a7e-3f3f0e5d9c11")
        );
        var (tables, blobs) = StorageClients.Of(options);
        Assert.Equal(new Uri("https://stmlops01.table.core.windows.net"), tables.Uri);
        Assert.Equal(new Uri("https://stmlops01.blob.core.windows.net"), blobs.Uri);
        Assert.False(blobs.CanGenerateAccountSasUri);
    }

    [Fact]
    public void A_connection_string_goes_before_an_account_name() =>
        Assert.Null(
            Of(("AzureWebJobsStorage", "UseDevelopmentStorage=true"), ("AzureWebJobsStorage__accountName", "stmlops01")).AccountName
        );

    [Theory]
    [InlineData("https://stmlops01.blob.core.windows.net")]
    [InlineData("St")]
    public void An_address_is_not_an_account_name(string given) =>
        Assert.Contains(Of(("AzureWebJobsStorage__accountName", given)).Validate(), d => d.File == "AzureWebJobsStorage__accountName");

    [Theory]
    [InlineData("soon")]
    [InlineData("-1")]
    [InlineData("NaN")]
    public void A_tolerance_that_is_no_time_names_its_setting(string given) =>
        Assert.Contains("MLOPS_OUTAGE_TOLERANCE", Assert.Throws<ServerlessException>(() => Of(("MLOPS_OUTAGE_TOLERANCE", given))).Message);

    private static StorageOptions Of(params (string Name, string Value)[] settings) =>
        StorageOptions.From(name => settings.FirstOrDefault(s => s.Name == name).Value);
}
